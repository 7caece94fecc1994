package network.nyxos.gateway.facilitator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import network.nyxos.chain.DatabaseException;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.discovery.Listing;
import network.nyxos.gateway.discovery.ListingRules;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.payment.ExactPayment;
import network.nyxos.gateway.payment.ExactRules;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.PaymentError;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentPayload;
import network.nyxos.gateway.payment.Requirements;
import network.nyxos.gateway.payment.SettlementResponse;
import network.nyxos.gateway.payment.SponsorPolicy;
import network.nyxos.gateway.store.JobStore;
import network.nyxos.gateway.store.ListingStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// x402's facilitator interface, for resource servers that are not this gateway. It shares the gateway's memory of payments: what was settled here is not
/// settled there, nor the other way round. It sponsors transfers of the configured mints only.
public final class Facilitator {
    private static final Logger LOG = LoggerFactory.getLogger(Facilitator.class);

    private final PublicKey sponsor;
    private final SponsorPolicy policy;
    private final Network network;
    private final Map<PublicKey, MintTerms> mints;
    private final Map<PublicKey, MintTerms> pools;
    private final ExactRules rules;
    private final Settler settler;
    private final JobStore jobs;
    private final ListingStore listings;

    /// @param mints what it sponsors
    /// @param pools    our own pools; a transfer into one is a job's payment, whoever brings it
    /// @param listings what was sold through it
    public Facilitator(PublicKey sponsor, SponsorPolicy policy, Network network, Map<PublicKey, MintTerms> mints, Map<PublicKey, MintTerms> pools, Settler settler,
                       JobStore jobs, ListingStore listings) {
        this.sponsor = sponsor;
        this.policy = policy;
        this.network = network;
        this.mints = Map.copyOf(mints);
        this.pools = Map.copyOf(pools);
        this.rules = new ExactRules(sponsor, policy);
        this.settler = settler;
        this.jobs = jobs;
        this.listings = listings;
    }

    /// `GET /supported`.
    public ObjectNode supported() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        var kinds = root.putArray("kinds");
        for (int version = 2; version >= 1; version--) {
            ObjectNode kind = kinds.addObject().put("x402Version", version).put("scheme", Requirements.EXACT).put("network", network.name(version));
            ObjectNode extra = kind.putObject("extra").put("feePayer", sponsor.toBase58()).put("maxComputeUnits", policy.maxComputeUnits())
                .put("maxPriorityFeeLamports", policy.maxPriorityLamports()).put("maxLamports", policy.maxLamports()).put("maxSigners", SponsorPolicy.SIGNATURES);
            mints.keySet().forEach(mint -> extra.withArray("/assets").add(mint.toBase58()));
        }
        root.putArray("extensions").add(ListingRules.KEY);
        root.putObject("signers").putArray("solana:*").add(sponsor.toBase58());
        return root;
    }

    private record Checked(ExactPayment payment, int version) {
    }

    private Checked check(JsonNode body) {
        PaymentPayload payload = PaymentPayload.read(body.path("paymentPayload"));
        Requirements required = Requirements.read(body.path("paymentRequirements"));
        int version = payload.x402Version();
        require(!body.has("x402Version") || body.path("x402Version").asInt() == version, PaymentError.INVALID_VERSION, "x402Version and the payload's differ");
        require(required.scheme().equals(Requirements.EXACT) && payload.scheme().equals(Requirements.EXACT), PaymentError.SCHEME, "this facilitator settles scheme exact");
        require(required.network().equals(network.name(version)) && payload.network().equals(network.name(version)), PaymentError.NETWORK,
            "this facilitator settles on " + network.name(version));
        require(mints.containsKey(required.asset()), PaymentError.INVALID_REQUIREMENTS, "this facilitator does not sponsor transfers of mint " + required.asset());
        payload.accepted().ifPresent(accepted -> require(accepted.matches(required), PaymentError.INVALID_REQUIREMENTS,
            "what the payer accepted is not what is required"));
        return new Checked(rules.check(payload.payload(), required), version);
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new PaymentException(code, message);
        }
    }

    /// The version that an answer is to be written for.
    private static int version(JsonNode body) {
        return body.path("paymentPayload").path("x402Version").asInt(2) == 1 ? 1 : 2;
    }

    /// `POST /verify`: changes nothing.
    ///
    /// @throws PaymentException `invalid_payload` when the body is not a verification request
    public ObjectNode verify(JsonNode body) {
        wellFormed(body);
        try {
            ExactPayment payment = check(body).payment;
            Optional<Settlement.Rejected> problem = settler.tryOut(payment.transaction());
            if (problem.isPresent()) {
                return invalid(problem.get().code(), problem.get().message(), version(body)).put("payer", payment.payer().toBase58());
            }
            return JsonNodeFactory.instance.objectNode().put("isValid", true).put("payer", payment.payer().toBase58());
        } catch (PaymentException e) {
            return invalid(e.code(), e.getMessage(), version(body));
        }
    }

    private static void wellFormed(JsonNode body) {
        require(body.path("paymentPayload").isObject() && body.path("paymentRequirements").isObject(), PaymentError.INVALID_PAYLOAD,
            "the body needs paymentPayload and paymentRequirements");
    }

    private static ObjectNode invalid(String code, String message, int version) {
        return JsonNodeFactory.instance.objectNode().put("isValid", false).put("invalidReason", PaymentError.inVersion(code, version)).put("invalidMessage", message);
    }

    /// An answer to `POST /settle`.
    ///
    /// @param body        x402's settlement response
    /// @param sideChannel for the seller alone: what became of the extensions
    public record Settled(ObjectNode body, Optional<ObjectNode> sideChannel) {
    }

    /// `POST /settle`.
    ///
    /// @throws PaymentException `invalid_payload` when the body is not a settlement request
    public Settled settle(JsonNode body) {
        wellFormed(body);
        String networkName = network.name(version(body));
        try {
            ExactPayment payment = check(body).payment;
            SettlementResponse response = settle(payment, networkName);
            boolean foreign = response.success() && !pools.containsKey(payment.payTo());
            return new Settled(response.toJson(), foreign ? listed(body) : Optional.empty());
        } catch (PaymentException e) {
            return new Settled(SettlementResponse.refused(PaymentError.inVersion(e.code(), version(body)), e.getMessage(), Optional.empty(), "", networkName).toJson(), Optional.empty());
        }
    }

    /// Lists what was paid for, where it made itself known. Whatever comes of that, the settlement stands.
    private Optional<ObjectNode> listed(JsonNode body) {
        ObjectNode said = JsonNodeFactory.instance.objectNode();
        ObjectNode status = said.putObject(ListingRules.KEY);
        switch (ListingRules.read(body.path("paymentPayload"), Requirements.read(body.path("paymentRequirements")))) {
            case ListingRules.Said.Nothing _ -> {
                return Optional.empty();
            }
            case ListingRules.Said.Rejected(String reason) -> status.put("status", "rejected").put("rejectedReason", reason);
            case ListingRules.Said.Listed(Listing listing) -> {
                try {
                    if (listings.list(listing)) {
                        status.put("status", "success");
                    } else {
                        status.put("status", "rejected").put("rejectedReason", "this receiver has " + ListingStore.MOST_OF_ONE + " resources listed already");
                    }
                } catch (DatabaseException e) {
                    LOG.warn("a resource could not be listed: {}", e.getMessage());
                    status.put("status", "rejected").put("rejectedReason", "the facilitator could not store it; it is listed with the next settlement");
                }
            }
        }
        return Optional.of(said);
    }

    private SettlementResponse settle(ExactPayment payment, String networkName) {
        Optional<PaymentRecord.Exact> ours = pools.containsKey(payment.payTo()) ? Optional.of(record(payment)) : Optional.empty();
        JobStore.Claim claim = ours.isPresent() ? jobs.claimUnasked(ours.get()) : jobs.claimForeign(payment.messageHash());
        if (claim instanceof JobStore.Claim.New) {
            return told(settler.settle(payment), payment, ours, networkName);
        }
        // Whoever was told that the outcome is open asks again, and must not take the answer for a refusal: its payer would pay twice.
        return jobs.isUnanswered(payment.messageHash()) ? told(reconciled(payment), payment, ours, networkName) : duplicate(payment, networkName);
    }

    private Settlement reconciled(ExactPayment payment) {
        return settler.again(payment.messageHash()).orElseGet(() -> jobs.isClaimOlderThan(payment.messageHash(), Settler.NEVER_SENT)
            ? new Settlement.Failed(PaymentError.EXPIRED, "the transfer was never sent", settler.signature(payment)) : new Settlement.Pending(settler.signature(payment)));
    }

    private SettlementResponse told(Settlement settlement, ExactPayment payment, Optional<PaymentRecord.Exact> ours, String networkName) {
        return switch (settlement) {
            case Settlement.Confirmed(Signature transaction) -> {
                ours.ifPresent(record -> jobs.settled(record.jobId()));
                yield jobs.claimAnswer(payment.messageHash())
                    ? SettlementResponse.paid(payment.payer(), transaction.base58(), networkName, JsonNodeFactory.instance.objectNode()) : duplicate(payment, networkName);
            }
            case Settlement.Rejected rejected -> {
                jobs.abandon(payment.messageHash());
                yield SettlementResponse.refused(rejected.code(), rejected.message(), Optional.of(payment.payer()), "", networkName);
            }
            case Settlement.Failed failed -> {
                ours.ifPresent(record -> jobs.settlementFailed(record.jobId(), failed.code() + ": " + failed.message()));
                yield SettlementResponse.refused(failed.code(), failed.message(), Optional.of(payment.payer()), failed.transaction().base58(), networkName);
            }
            case Settlement.Pending(Signature transaction) -> SettlementResponse.refused(PaymentError.SETTLEMENT_PENDING,
                "sent; the outcome is not known yet. Do not pay again: settle the same payment again to hear of it", Optional.of(payment.payer()), transaction.base58(), networkName);
        };
    }

    private static SettlementResponse duplicate(ExactPayment payment, String networkName) {
        return SettlementResponse.refused(PaymentError.DUPLICATE_SETTLEMENT, "this transfer was presented before", Optional.of(payment.payer()), "", networkName);
    }

    /// A transfer as the relayer is told.
    public PaymentRecord.Exact record(ExactPayment payment) {
        return new PaymentRecord.Exact(settler.signature(payment), payment.messageHash(), payment.payer(), payment.mint(), payment.amount(), payment.memo());
    }
}
