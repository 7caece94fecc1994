/// The two programs seen from Java: their addresses, instructions with all accounts filled in, and the digests that verifiers sign. The sub-packages
/// `registry` and `escrow` are generated from the IDL in the build.
package network.nyxos.escrow.program;
