package network.nyxos.relayer.gate;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.registry.Measurement;
import software.sava.core.accounts.PublicKey;

/// A node's evidence that the relayer has verified: everything that anybody needs to verify it again.
///
/// @param hash        names it; receipts carry it as their quote hash
/// @param node        whose it is
/// @param receiptKey  bound by it
/// @param sealingKey  bound by it; zeros where there is none
/// @param kind        `tdx` or `snp`
/// @param nonce       the relayer's
/// @param quote       as the machine gave it
/// @param collateral  JSON, as `attestation` reads it
/// @param receivedMs  unix milliseconds
/// @param expiresMs   unix milliseconds; receipts that end later need newer evidence
/// @param development it hangs on a development root: no hardware is behind it
/// @param measurement of what runs there, as the registry writes it: a TD's MRTD, an SNP guest's launch measurement
/// @param verdict     JSON of the relayer's verdict, on the whole machine
/// @param devices     JSON, as `attestation` reads it, of the machine's GPUs with what they are judged by; empty where the relayer's policy asks for none
public record Evidence(Hash hash, PublicKey node, PublicKey receiptKey, PublicKey sealingKey, String kind, byte[] nonce, byte[] quote, String collateral,
                       long receivedMs, long expiresMs, boolean development, Measurement measurement, String verdict, Optional<String> devices) {
    /// Evidence of a CPU alone.
    public Evidence(Hash hash, PublicKey node, PublicKey receiptKey, PublicKey sealingKey, String kind, byte[] nonce, byte[] quote, String collateral, long receivedMs,
                    long expiresMs, boolean development, Measurement measurement, String verdict) {
        this(hash, node, receiptKey, sealingKey, kind, nonce, quote, collateral, receivedMs, expiresMs, development, measurement, verdict, Optional.empty());
    }

    /// Copies.
    public Evidence {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(collateral, "collateral");
        Objects.requireNonNull(measurement, "measurement");
        Objects.requireNonNull(verdict, "verdict");
        nonce = nonce.clone();
        quote = quote.clone();
    }

    @Override
    public byte[] nonce() {
        return nonce.clone();
    }

    @Override
    public byte[] quote() {
        return quote.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Evidence that && hash.equals(that.hash) && node.equals(that.node) && Arrays.equals(nonce, that.nonce);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return (development ? "DEVELOPMENT " : "") + kind + " evidence " + hash + " of node " + node + ", nonce " + HexFormat.of().formatHex(nonce);
    }
}
