/** Disputes that the registry's program decides: {@code nyxos dispute}. */
package network.nyxos.cli.dispute;
