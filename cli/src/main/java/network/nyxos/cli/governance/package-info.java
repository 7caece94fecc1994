/**
 * What the authority of a market or a registry can do, and what everybody may see of it. {@link network.nyxos.cli.governance.Governing} is the way that every change goes:
 * said first with the slot from which it holds, then signed here, or printed for a multisig. {@link network.nyxos.cli.governance.Governed} is what market and registry have in common.
 */
package network.nyxos.cli.governance;
