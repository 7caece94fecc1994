/// Verifiers: {@link network.nyxos.relayer.verifier.Verifier} is a member of the quorum, with its own key, database and view of the chain;
/// {@link network.nyxos.relayer.verifier.VerifierClient} is how the relayer asks all of them.
package network.nyxos.relayer.verifier;
