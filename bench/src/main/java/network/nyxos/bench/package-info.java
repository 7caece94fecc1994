/** {@code nyxos bench}: measures on this machine what the README and docs/benchmarks.md speak of. */
package network.nyxos.bench;
