/// Canonical Borsh: what the programs' accounts, arguments and events, and the protocol's assignments and receipts are made of. The code that `bindgen`
/// generates stands on these three classes and nothing else, which is why they know no other class of ours.
package network.nyxos.escrow.borsh;
