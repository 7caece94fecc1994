/** Amounts that are locked for one node's long work: opened and released by a payer, given back by anybody from the deadline on. */
package network.nyxos.cli.job;
