package network.nyxos.cli.provider;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.VerifierSignatures;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.registry.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** A node's attestation on chain. */
@Command(name = "attestation", mixinStandardHelpOptions = true, description = "Ends a node's attestation record: by its operator, or on the verifiers' word.",
        subcommands = {NodeAttestation.Withdraw.class, NodeAttestation.Revoke.class})
final class NodeAttestation extends CommandGroup {

    @Command(name = "withdraw", mixinStandardHelpOptions = true, sortOptions = false,
            description = "Ends a node's attestation record for good, for example when its machine is given away or its keys may be known to others.")
    static final class Withdraw extends Operating {

        @Mixin
        private Consent consent;

        @Override
        void run(Standing node) {
            requireRecord(node.key(), node.account());
            consent.ask(out(), List.of(gone(node.account().attestationQuoteHash()),
                    "the verifiers can record another quote, if it expires after slot " + node.account().attestationExpirySlot()));
            var signature = node.send("withdraw the attestation of", node.registry().calls().withdrawAttestation(node.operator().publicKey(), node.key()));
            out().println("attestation withdrawn, transaction " + signature);
        }
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, sortOptions = false, description = {
            "Ends a node's attestation record for good on the registry's verifiers' word, for example when its platform or workload turns out to be broken before the record lapses.",
            "Each verifier runs it with its key and hands on the signature that it prints; who has enough of them sends."})
    static final class Revoke extends Sending {

        @Parameters(paramLabel = "NODE", description = "Its node key.")
        private String node;

        @Mixin
        private VerifierSignatures signatures;

        @Mixin
        private Consent consent;

        @Override
        protected void run(ChainSession chain) {
            PublicKey key = Attachment.key("NODE", node);
            Node account = chain.node(key);
            requireRecord(key, account);
            ChainSession.Registry registry = chain.registry();
            Hash quote = account.attestationQuoteHash();
            Hash digest = Digests.revocation(chain.programs().registry(), registry.calls().node(key), quote);
            Optional<Quorum> quorum = signatures.collect("the end of quote " + quote + " of node " + key, digest,
                    registry.state().verifiers().subList(0, registry.state().verifierCount()), registry.state().threshold(), out());
            if (quorum.isEmpty()) {
                return;
            }
            consent.ask(out(), List.of(gone(quote), "node " + key + " is paid for no confidential work until the verifiers have recorded another quote, which expires after slot "
                    + account.attestationExpirySlot()));
            done("attestation revoked", chain.send("revoke the attestation of " + key, registry.calls().revokeAttestation(key, quote, quorum.get()), feePayer()));
        }
    }

    private static void requireRecord(PublicKey key, Node account) {
        if (account.attestationKind() == 0) {
            throw new StackException("attestation_absent", "node " + key + " has no attestation record");
        }
    }

    private static String gone(Hash quote) {
        return "from the slot in which it is confirmed the record of quote " + quote + " is gone, and no record of that quote is taken again";
    }
}
