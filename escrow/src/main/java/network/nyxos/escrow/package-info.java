/// The Java side of the Nyxos programs: keys and signatures, exact money, vouchers, jobs and receipts, trees, the programs' generated bindings,
/// transactions and the messages of the node link. Everything here is pure: no socket, no clock, no database.
///
/// The byte layouts are those of `docs/protocol.md`. Whatever is decoded is decoded strictly: one encoding per value, no trailing bytes, and a
/// {@link network.nyxos.escrow.ProtocolException} with a stable code for everything else.
package network.nyxos.escrow;
