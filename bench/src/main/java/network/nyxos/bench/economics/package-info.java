/** Whether cheating pays: the market's numbers (docs/economics.md) against simulated owners who try. */
package network.nyxos.bench.economics;
