package network.nyxos.gateway;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.collateral.CollateralSettings;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.SponsorPolicy;
import software.sava.core.accounts.PublicKey;

/// Everything that a gateway must be told.
///
/// @param listen     where it serves
/// @param jdbcUrl  `jdbc:postgresql:…` with user and password
/// @param schema   its schema there; gateways of one address share it
/// @param chain    the chain and what is on it
/// @param keys     its keys
/// @param models   what it sells
/// @param mints    what it takes, the preferred first
/// @param relayer  where jobs are reported
/// @param evidence what the evidence of confidential nodes must be; empty: no confidential work
/// @param timing   how long things may take
/// @param sponsor  what the sponsor pays for a transaction at most
/// @param production refuses what is for development only
/// @param collateral how it gets collateral by itself; empty: as nodes bring it along
/// @param limits   how much it takes on at once
/// @param credits  how it sells credits; empty: not at all, and bearer keys are ignored
public record GatewayConfig(Listen listen, String jdbcUrl, String schema, Chain chain, Keys keys, List<ModelTerms> models, List<MintTerms> mints, URI relayer,
                            Optional<Policy> evidence, Timing timing, SponsorPolicy sponsor, boolean production, Optional<CollateralSettings> collateral,
                            Limits limits, Optional<CreditTerms> credits) {
    /// With the limits that are usual, and no credits.
    public GatewayConfig(Listen listen, String jdbcUrl, String schema, Chain chain, Keys keys, List<ModelTerms> models, List<MintTerms> mints, URI relayer, Optional<Policy> evidence,
                         Timing timing, SponsorPolicy sponsor, boolean production, Optional<CollateralSettings> collateral) {
        this(listen, jdbcUrl, schema, chain, keys, models, mints, relayer, evidence, timing, sponsor, production, collateral, Limits.DEFAULT, Optional.empty());
    }

    /// With collateral as nodes bring it along.
    public GatewayConfig(Listen listen, String jdbcUrl, String schema, Chain chain, Keys keys, List<ModelTerms> models, List<MintTerms> mints, URI relayer, Optional<Policy> evidence,
                         Timing timing, SponsorPolicy sponsor, boolean production) {
        this(listen, jdbcUrl, schema, chain, keys, models, mints, relayer, evidence, timing, sponsor, production, Optional.empty());
    }

    /// Checks what can be checked before anything is started.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    public GatewayConfig {
        models = List.copyOf(models);
        mints = List.copyOf(mints);
        if (models.isEmpty() || mints.isEmpty()) {
            throw new IllegalArgumentException("a gateway sells at least one model for at least one mint");
        }
        if (credits.isPresent() && !mints.contains(credits.get().mint())) {
            throw new IllegalArgumentException("credits are of a mint that the gateway takes, " + credits.get().mint().mint() + " is none");
        }
        if (production && evidence.filter(Policy::allowDevelopmentRoots).isPresent()) {
            throw new IllegalArgumentException("the evidence policy allows development roots, which a production gateway refuses");
        }
    }

    /// This with other limits.
    public GatewayConfig with(Limits other) {
        return new GatewayConfig(listen, jdbcUrl, schema, chain, keys, models, mints, relayer, evidence, timing, sponsor, production, collateral, other, credits);
    }

    /// This, selling credits.
    public GatewayConfig with(CreditTerms terms) {
        return new GatewayConfig(listen, jdbcUrl, schema, chain, keys, models, mints, relayer, evidence, timing, sponsor, production, collateral, limits, Optional.of(terms));
    }

    /// How much it takes on at once. What is beyond is refused at once with `Retry-After`, before any money is taken.
    ///
    /// @param perPayer    jobs of one wallet, by transfers and by vouchers of its escrows together
    /// @param perNode     jobs of one node, whatever that says of itself
    /// @param requests    requests for completions, whether they wait for a transfer, for a node, or for a client that reads slowly
    /// @param settlements questions to the facilitator, each of which asks the chain
    public record Limits(int perPayer, int perNode, int requests, int settlements) {
        /// 64, 256, 12 000, 256.
        public static final Limits DEFAULT = new Limits(64, 256, 12_000, 256);

        /// @throws IllegalArgumentException when one is below 1
        public Limits {
            if (Math.min(Math.min(perPayer, perNode), Math.min(requests, settlements)) < 1) {
                throw new IllegalArgumentException("each limit of a gateway is at least 1");
            }
        }
    }

    /// Where it serves.
    ///
    /// @param host      address to bind
    /// @param port      0: any free one
    /// @param publicUrl how clients reach it, for `resource.url`; empty: as the request's Host header says
    /// @param peerUrl   how the other gateways of the schema reach it; empty: by host and port
    public record Listen(String host, int port, Optional<URI> publicUrl, Optional<URI> peerUrl) {
        /// Reached by the other gateways by host and port.
        public Listen(String host, int port, Optional<URI> publicUrl) {
            this(host, port, publicUrl, Optional.empty());
        }

        /// This machine only, any free port.
        public static final Listen LOCAL = new Listen("127.0.0.1", 0, Optional.empty());
    }

    /// The chain and what is on it.
    ///
    /// @param rpc            JSON-RPC over http or https
    /// @param ws             PubSub over ws or wss
    /// @param network        its names in payments
    /// @param programs       the two programs
    /// @param market         whose escrows and pools are used
    /// @param registryConfig whose nodes may serve
    /// @param accepted       which code the programs may have
    public record Chain(URI rpc, URI ws, Network network, Programs programs, PublicKey market, PublicKey registryConfig, AcceptedPrograms accepted) {
        /// Whatever code the programs have.
        public Chain(URI rpc, URI ws, Network network, Programs programs, PublicKey market, PublicKey registryConfig) {
            this(rpc, ws, network, programs, market, registryConfig, AcceptedPrograms.ANY);
        }
    }

    /// Its keys.
    ///
    /// @param gateway signs assignments and job records
    /// @param sponsor pays the fees of `exact` transactions; needs SOL
    /// @param memoKey binds payments to requests; 32 secret bytes or more, the same for all gateways of one address
    public record Keys(Keypair gateway, Keypair sponsor, byte[] memoKey) {
        /// Copies the bytes.
        public Keys {
            memoKey = memoKey.clone();
        }

        @Override
        public byte[] memoKey() {
            return memoKey.clone();
        }

        /// The public keys only.
        @Override
        public String toString() {
            return "Keys[gateway=" + gateway.publicKey() + ", sponsor=" + sponsor.publicKey() + "]";
        }
    }

    /// How long things may take.
    ///
    /// @param settle         a request waits for its transfer, before it is told `settlement_pending`
    /// @param unserved       a paid job waits for its client, before the payment goes back
    /// @param settleMargin   a voucher must hold beyond the job's end, so that it can be settled
    /// @param evidence       evidence of a confidential node counts
    /// @param lease          a gateway that is silent is taken for dead; its jobs fail
    /// @param poll           between two looks at the chain, unless woken sooner
    /// @param ping           between two pings of a node
    /// @param silence        a silent node is cut off
    /// @param job            limits of a job
    public record Timing(Duration settle, Duration unserved, Duration settleMargin, Duration evidence, Duration lease, Duration poll, Duration ping, Duration silence,
                         JobRunner.Limits job) {
        /// 30 s, 10 min, 10 min, 1 h, 15 s, 2 s, 10 s, 30 s.
        public static final Timing DEFAULT = new Timing(Duration.ofSeconds(30), Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofSeconds(15),
            Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(30), JobRunner.Limits.DEFAULT);
    }
}
