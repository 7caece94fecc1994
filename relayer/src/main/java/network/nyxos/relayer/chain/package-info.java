/// The chain behind the ports of the domain packages.
package network.nyxos.relayer.chain;
