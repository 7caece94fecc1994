/// Disputes: what becomes of a job whose replay differs (docs/protocol.md §11). Two nodes have signed what cannot both be true; the one
/// that replayed takes it to the registry's program (docs/disputes.md), or verifiers run the job themselves, and the bond of whoever signed what is false is taken by
/// their word. The rules are pure; {@link network.nyxos.relayer.dispute.Slashings} brings
/// each case forward and may be run again at any point.
package network.nyxos.relayer.dispute;
