/// Reads the IDL of a Solana program (Anchor's format since 0.30, which Codama reads too) and writes Java records for it: accounts, instructions, errors,
/// events and the types they use. {@link network.nyxos.bindgen.Main} is the command; {@link network.nyxos.bindgen.IdlReader} and
/// {@link network.nyxos.bindgen.Generator} are its two halves. What is generated needs sava-core and four small classes, which the tool writes too
/// when asked to.
package network.nyxos.bindgen;
