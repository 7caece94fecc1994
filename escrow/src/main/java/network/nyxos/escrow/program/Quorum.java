package network.nyxos.escrow.program;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.token.Ed25519Instruction;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// Verifiers' signatures over one digest.
///
/// @param digest     what they signed ({@link Digests})
/// @param signatures by verifier; at least the market's or config's threshold of its verifiers, and nobody else's
public record Quorum(Hash digest, Map<PublicKey, Signature> signatures) {
    /// Copies the map.
    public Quorum {
        signatures = Map.copyOf(signatures);
    }

    /// The precompile instruction that must stand directly before the instruction that needs the quorum. Signatures stand in the order of the keys' text, so
    /// that the same quorum gives the same bytes.
    public Instruction instruction() {
        return Ed25519Instruction.of(signatures.entrySet().stream().sorted(Comparator.comparing(entry -> entry.getKey().toBase58()))
            .map(entry -> new Ed25519Instruction.Entry(entry.getKey(), entry.getValue(), digest.bytes())).toList());
    }

    /// The precompile instruction and the instruction that reads it, in order.
    List<Instruction> before(Instruction instruction) {
        return List.of(instruction(), instruction);
    }
}
