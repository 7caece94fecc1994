package network.nyxos.chain.program;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;

/// Which code a service works with: SHA-256 of the built files, as `onchain/artifacts/SHA256SUMS` has them. More than one, so that an upgrade can be announced
/// before it happens.
///
/// @param registry of the registry program; empty: any
/// @param escrow   of the escrow program; empty: any
public record AcceptedPrograms(Set<Hash> registry, Set<Hash> escrow) {
    /// Whatever is deployed.
    public static final AcceptedPrograms ANY = new AcceptedPrograms(Set.of(), Set.of());

    /// Copies.
    public AcceptedPrograms {
        registry = Set.copyOf(registry);
        escrow = Set.copyOf(escrow);
    }

    /// Reads hashes in hex, separated by commas; blank text: any.
    ///
    /// @throws network.nyxos.escrow.ProtocolException `hash_hex`
    public static Set<Hash> hashes(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).filter(hash -> !hash.isEmpty()).map(Hash::fromHex).collect(Collectors.toUnmodifiableSet());
    }
}
