package network.nyxos.cli.provider;

import java.util.List;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A node's attestation on chain. */
@Command(name = "attestation", mixinStandardHelpOptions = true, description = "What an operator can do with its node's attestation record.", subcommands = NodeAttestation.Withdraw.class)
final class NodeAttestation extends CommandGroup {

    @Command(name = "withdraw", mixinStandardHelpOptions = true, sortOptions = false,
            description = "Ends a node's attestation record for good, for example when its machine is given away or its keys may be known to others.")
    static final class Withdraw extends Operating {

        @Mixin
        private Consent consent;

        @Override
        void run(Standing node) {
            if (node.account().attestationKind() == 0) {
                throw new StackException("attestation_absent", "node " + node.key() + " has no attestation record");
            }
            consent.ask(out(), List.of("from the slot in which it is confirmed the record of quote " + node.account().attestationQuoteHash() + " is gone, and no record of that quote is taken again",
                    "the verifiers can record another quote, if it expires after slot " + node.account().attestationExpirySlot()));
            var signature = node.send("withdraw the attestation of", node.registry().calls().withdrawAttestation(node.operator().publicKey(), node.key()));
            out().println("attestation withdrawn, transaction " + signature);
        }
    }
}
