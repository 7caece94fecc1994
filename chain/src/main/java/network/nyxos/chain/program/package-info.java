/// Programs as they lie on a chain, and the check that every service makes before it serves.
package network.nyxos.chain.program;
