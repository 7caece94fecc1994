/** Posters: who answers with a bond for the batches it posts. */
package network.nyxos.cli.poster;
