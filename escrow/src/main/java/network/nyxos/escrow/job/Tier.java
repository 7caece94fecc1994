package network.nyxos.escrow.job;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;

/// How far a node's word is checked before it is paid. Its code is one bit, so that a node's tiers are a mask.
public enum Tier {
    /// Signed, registered, priced and timed right.
    OPEN(1),
    /// Also replayed in samples on another node, bit for bit.
    VERIFIED(2),
    /// Also run in an attested enclave.
    CONFIDENTIAL(4);

    private final int code;

    Tier(int code) {
        this.code = code;
    }

    /// The bit: 1, 2 or 4.
    public int code() {
        return code;
    }

    /// The name on the wire: `open`, `verified`, `confidential`.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws ProtocolException `tier_unknown`
    public static Tier ofCode(int code) {
        for (Tier tier : values()) {
            if (tier.code == code) {
                return tier;
            }
        }
        throw new ProtocolException("tier_unknown", "a tier is 1, 2 or 4, this is " + code);
    }

    /// @throws ProtocolException `tier_unknown`
    public static Tier ofWireName(String name) {
        for (Tier tier : values()) {
            if (tier.wireName().equals(name)) {
                return tier;
            }
        }
        throw new ProtocolException("tier_unknown", "a tier is open, verified or confidential, this is '" + name + "'");
    }

    /// The mask of several tiers.
    public static int mask(Set<Tier> tiers) {
        return tiers.stream().mapToInt(Tier::code).sum();
    }

    /// The tiers of a mask.
    ///
    /// @throws ProtocolException `tier_unknown` for bits that mean nothing
    public static Set<Tier> ofMask(int mask) {
        var tiers = EnumSet.noneOf(Tier.class);
        for (Tier tier : values()) {
            if ((mask & tier.code) != 0) {
                tiers.add(tier);
            }
        }
        if (mask(tiers) != mask) {
            throw new ProtocolException("tier_unknown", "a tier mask has bits 0 to 2, this is " + mask);
        }
        return tiers;
    }
}
