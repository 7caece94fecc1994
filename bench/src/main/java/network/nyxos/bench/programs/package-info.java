/** What the built programs cost, and the ground that their tests stand on. */
package network.nyxos.bench.programs;
