/**
 * {@code nyxos up}: the whole system on one machine, and the main job done on it.
 *
 * <p>In the order of a run: {@link network.nyxos.cli.up.UpCommand} reads the flags,
 * {@code Stack} starts the parts, {@code MainJob} pays, serves, verifies, batches and claims,
 * {@code ClosingTable} balances the books, {@code StackFile} tells other tools how to attach.
 */
package network.nyxos.cli.up;
