/**
 * The command line `nyxos`. {@link network.nyxos.cli.Main} lists the commands; {@code up} holds the one-command stack.
 */
package network.nyxos.cli;
