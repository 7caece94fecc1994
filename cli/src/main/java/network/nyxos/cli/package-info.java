/** Nyxos cli. */
package network.nyxos.cli;
