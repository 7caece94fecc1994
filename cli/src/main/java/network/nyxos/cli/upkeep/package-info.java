/** What keeps a market going and anybody may do: batches made final, settled amounts moved, accounts closed that nobody needs. */
package network.nyxos.cli.upkeep;
