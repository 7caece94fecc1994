package network.nyxos.chain.program;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// What a service found on the chain when it started.
///
/// @param cluster  genesis hash
/// @param registry the registry program
/// @param escrow   the escrow program
/// @param market   the market, where the service has one
public record ChainReport(Hash cluster, Program registry, Program escrow, Optional<PublicKey> market) {
    /// A program as it was deployed then.
    ///
    /// @param name      `registry` or `escrow`
    /// @param id        where it is called
    /// @param hash      SHA-256 of its code
    /// @param slot      when it was deployed last
    /// @param authority who may upgrade it; empty: nobody
    /// @param pinned    whether its hash was held against accepted ones
    /// @param idl       SHA-256 of the IDL that this service's bindings were made from, in hex
    public record Program(String name, PublicKey id, Hash hash, long slot, Optional<PublicKey> authority, boolean pinned, String idl) {
        private ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", id.toBase58()).put("hash", hash.hex()).put("slot", slot).put("pinned", pinned).put("idl", idl);
            authority.ifPresentOrElse(key -> json.put("upgradeAuthority", key.toBase58()), () -> json.putNull("upgradeAuthority"));
            return json;
        }
    }

    /// As statuses show it: `{cluster, registry:{id, hash, slot, pinned, idl, upgradeAuthority}, escrow:{…}, market?}`.
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("cluster", cluster.base58());
        json.set("registry", registry.json());
        json.set("escrow", escrow.json());
        market.ifPresent(address -> json.put("market", address.toBase58()));
        return json;
    }
}
