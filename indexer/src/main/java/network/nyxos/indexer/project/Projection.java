package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.CollectedEntry;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.indexer.decode.ProgramEvent;
import software.sava.core.accounts.PublicKey;

/// What an event makes of the state. Pure: reads rows through a {@link View}, gives the rows as they are afterwards, changes nothing. Applied once to every
/// event of a program in the order of the chain, it gives what the program's accounts say; that each event is applied once is the caller's part, by
/// {@link network.nyxos.indexer.decode.EventId}.
public final class Projection {
    private static final BigInteger U64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final int ATTESTATION_NONE = 0;
    /// What a dispute begins with: the accuser shows the model.
    private static final int SHOW_MODEL = 1;
    /// Whose word voided what a node settled by itself: the verifiers'.
    private static final int BY_VERIFIERS = 2;
    private static final String NO_HASH = "00".repeat(32);
    private static final String NO_MEASUREMENT = "00".repeat(48);

    private final Programs programs;

    /// @param programs the programs whose events these are
    public Projection(Programs programs) {
        this.programs = programs;
    }

    /// The rows that an event changes or makes, as they are after it.
    ///
    /// @param view the state before the event
    /// @param event what happened
    /// @param slot slot it happened in
    /// @throws ProjectionException when it does not fit the state
    /// @throws network.nyxos.escrow.ProtocolException when it names a credit kind that does not exist
    public List<Row> apply(View view, ProgramEvent event, long slot) {
        var change = new Change(view);
        switch (event) {
            case ProgramEvent.OfRegistry(var inner) -> registry(change, inner, slot);
            case ProgramEvent.OfEscrow(var inner) -> escrow(change, inner, slot);
        }
        return change.rows();
    }

    /// The rows of one event over the state before it, so that an event that touches a row twice sees its own first touch.
    private static final class Change {
        private final View before;
        private final Map<String, Row> changed = new LinkedHashMap<>();

        Change(View before) {
            this.before = before;
        }

        <R extends Row> R require(Class<R> kind, PublicKey key) {
            return require(kind, key.toBase58());
        }

        <R extends Row> R require(Class<R> kind, String address) {
            return find(kind, address).orElseThrow(() -> new ProjectionException("no event has made the " + kind.getSimpleName() + " " + address));
        }

        <R extends Row> Optional<R> find(Class<R> kind, String address) {
            Row mine = changed.get(address);
            return mine != null ? Optional.of(kind.cast(mine)) : before.find(kind, address);
        }

        PoolRow pool(String market, String mint) {
            String address = before.pool(market, mint).map(PoolRow::address)
                .orElseThrow(() -> new ProjectionException("no event has made a pool of mint " + mint + " in market " + market));
            return require(PoolRow.class, address);
        }

        void put(Row row) {
            changed.put(row.address(), row);
        }

        List<Row> rows() {
            return new ArrayList<>(changed.values());
        }
    }

    // --- registry ------------------------------------------------------------------------------------------------------

    private void registry(Change change, RegistryEvent event, long slot) {
        switch (event) {
            case RegistryEvent.ConfigInitialized e -> change.put(new ConfigRow(text(e.config()), e.id(), text(e.creator()), text(e.authority()),
                text(e.bondMint()), u64(e.minBond()), u64(e.minValidatorBond()), u64(e.unbondingSlots()), BigInteger.ZERO, BigInteger.ZERO, e.threshold(),
                texts(e.verifiers()), Optional.empty(), false, u64(e.answerSlots())));
            case RegistryEvent.NodeRegistered e -> {
                ConfigRow config = configOf(change, e.node(), e.nodeKey());
                change.put(config.withNode());
                change.put(new NodeRow(text(e.node()), config.address(), text(e.nodeKey()), text(e.operator()), text(e.payout()), text(e.receiptKey()),
                    given(e.sealingKey()), e.tiers(), BondState.ACTIVE, u64(e.bond()), BigInteger.ZERO, u64(e.slot()), ATTESTATION_NONE, BigInteger.ZERO,
                    NO_HASH, NO_MEASUREMENT, BigInteger.ZERO, BigInteger.ZERO, Optional.empty(), 0));
            }
            case RegistryEvent.BondAdded e -> change.put(change.require(NodeRow.class, e.node()).holding(u64(e.bond())));
            case RegistryEvent.NodeUpdated e -> {
                NodeRow node = change.require(NodeRow.class, e.node());
                NodeRow updated = node.withKeys(e.tiers(), text(e.receiptKey()), given(e.sealingKey()), text(e.payout()));
                // An attestation speaks of the keys it was made for.
                boolean sameKeys = updated.receiptKey().equals(node.receiptKey()) && updated.sealingKey().equals(node.sealingKey());
                change.put(sameKeys ? updated : updated.withoutAttestation());
            }
            case RegistryEvent.UnbondRequested e -> change.put(change.require(NodeRow.class, e.node()).leaving(u64(e.unbondSlot())));
            case RegistryEvent.BondWithdrawn e -> withdrawn(change, change.require(NodeRow.class, e.node()), e.amount());
            case RegistryEvent.AttestationRecorded e -> change.put(change.require(NodeRow.class, e.node())
                .withAttestation(e.kind(), u64(e.expirySlot()), e.quoteHash().hex(), HexFormat.of().formatHex(e.measurement())));
            case RegistryEvent.NodeSlashed e -> slashed(change, change.require(NodeRow.class, e.node()), e.amount(), e.bond(), slot);
            case RegistryEvent.VerifiersProposed e -> {
                ConfigRow config = change.require(ConfigRow.class, e.config());
                change.put(new ProposalRow(text(e.proposal()), config.address(), text(e.rentPayer()), ProposalState.PENDING, u64(e.effectiveSlot()), e.threshold(),
                    texts(e.verifiers())));
            }
            case RegistryEvent.VerifiersApplied e -> {
                change.put(change.require(ProposalRow.class, e.proposal()).closedAs(ProposalState.APPLIED));
                change.put(change.require(ConfigRow.class, e.config()).withVerifiers(e.threshold(), texts(e.verifiers())));
            }
            case RegistryEvent.VerifiersCancelled e -> change.put(change.require(ProposalRow.class, e.proposal()).closedAs(ProposalState.CANCELLED));
            case RegistryEvent.AuthorityProposed e -> {
                ConfigRow config = change.require(ConfigRow.class, e.config());
                change.put(config.withAuthority(config.authority(), given(e.authority())));
            }
            case RegistryEvent.AuthorityAccepted e ->
                change.put(change.require(ConfigRow.class, e.config()).withAuthority(text(e.authority()), Optional.empty()));
            case RegistryEvent.PausedSet e -> change.put(change.require(ConfigRow.class, e.config()).withPaused(e.paused() != 0));
            case RegistryEvent.AttestationRevoked e -> change.put(change.require(NodeRow.class, e.node()).revoked(e.quoteHash().hex()));
            case RegistryEvent.NodeClosed e -> change.put(change.require(NodeRow.class, e.node()).closed());
            case RegistryEvent.ModelRegistered e -> change.put(new ModelRow(text(e.model()), change.require(ConfigRow.class, e.config()).address(),
                e.modelId().hex(), text(e.publisher()), text(e.payee()), ModelState.ACTIVE, e.royaltyBps(), 0, BigInteger.ZERO, u64(e.slot()),
                measurements(e.measurements())));
            case RegistryEvent.ModelUpdated e -> change.put(change.require(ModelRow.class, e.model()).withTerms(e.royaltyBps(), e.pendingRoyaltyBps(),
                u64(e.pendingSlot()), text(e.payee()), measurements(e.measurements())));
            case RegistryEvent.ModelRetired e -> change.put(change.require(ModelRow.class, e.model()).retired());
            case RegistryEvent.ValidatorRegistered e -> {
                change.put(change.require(ConfigRow.class, e.config()).withValidator());
                change.put(new ValidatorRow(text(e.validator()), text(e.config()), text(e.validatorKey()), text(e.operator()), text(e.payout()), BondState.ACTIVE,
                    u64(e.bond()), BigInteger.ZERO, u64(e.slot()), BigInteger.ZERO, text(e.rentPayer())));
            }
            case RegistryEvent.ValidatorBondAdded e -> change.put(change.require(ValidatorRow.class, e.validator()).holding(u64(e.bond())));
            case RegistryEvent.ValidatorUpdated e -> change.put(change.require(ValidatorRow.class, e.validator()).paying(text(e.payout())));
            case RegistryEvent.ValidatorUnbondRequested e -> change.put(change.require(ValidatorRow.class, e.validator()).leaving(u64(e.unbondSlot())));
            case RegistryEvent.ValidatorBondWithdrawn e -> withdrawn(change, change.require(ValidatorRow.class, e.validator()), e.amount());
            case RegistryEvent.ValidatorSlashed e -> slashed(change, change.require(ValidatorRow.class, e.validator()), e.amount(), e.bond(), slot);
            case RegistryEvent.ValidatorClosed e -> change.put(change.require(ValidatorRow.class, e.validator()).closed());
            case RegistryEvent.DisputeOpened e -> {
                NodeRow node = change.require(NodeRow.class, e.node());
                change.put(node.disputed(Math.addExact(node.openDisputes(), 1)));
                change.put(new DisputeRow(text(e.dispute()), text(e.config()), node.address(), node.nodeKey(), text(e.accuser()), text(e.rentPayer()),
                    e.receiptHash().hex(), e.modelId().hex(), e.tokensIn(), e.tokensOut(), u64(e.stake()), DisputeState.OPEN, BigInteger.valueOf(slot),
                    u64(e.deadlineSlot()), SHOW_MODEL, 0, 0, NO_HASH, 0, 0, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO));
            }
            case RegistryEvent.DisputeMoved e -> change.put(change.require(DisputeRow.class, e.dispute()).moved(e.phase(), u64(e.deadlineSlot()), e.level(),
                e.vector(), e.placeHash().hex(), e.placeFirst(), e.placeCount()));
            case RegistryEvent.DisputeEnded e -> {
                NodeRow node = change.require(NodeRow.class, e.node());
                change.put(node.disputed(node.openDisputes() - 1));
                change.put(change.require(DisputeRow.class, e.dispute()).ended(AccountState.ofCode(DisputeState.class, e.outcome()), u64(e.reward()),
                    u64(e.burned()), u64(e.returned())));
            }
        }
    }

    private static void withdrawn(Change change, BondedRow of, long amount) {
        change.put(of.givenBack(minus(of.bond(), u64(amount))));
    }

    private static void slashed(Change change, BondedRow of, long amount, long left, long slot) {
        BigInteger unbondSlot = of.unbondSlot().signum() != 0 ? of.unbondSlot()
            : plus(BigInteger.valueOf(slot), change.require(ConfigRow.class, of.config()).unbondingSlots());
        change.put(of.withBond(BondState.SLASHED, u64(left), unbondSlot, plus(of.slashedTotal(), u64(amount))));
    }

    /// The configuration of a node: the event names only the node's account, whose address tells under which configuration it was derived.
    private ConfigRow configOf(Change change, PublicKey node, PublicKey nodeKey) {
        return change.before.configs().stream().filter(config -> programs.node(PublicKey.fromBase58Encoded(config.address()), nodeKey).equals(node)).findFirst()
            .orElseThrow(() -> new ProjectionException("node " + node + " belongs to no registry configuration that an event has made"));
    }

    // --- escrow --------------------------------------------------------------------------------------------------------

    private void escrow(Change change, EscrowEvent event, long slot) {
        switch (event) {
            case EscrowEvent.MarketInitialized e -> change.put(new MarketRow(text(e.market()), e.cluster().hex(), text(e.creator()), e.id(), text(e.authority()),
                text(e.operator()), text(e.treasury()), e.feeBps(), u64(e.challengeSlots()), u64(e.exitSlots()), u64(e.directSlots()),
                text(e.bondMint()), u64(e.minPosterBond()), text(e.registryProgram()), text(e.registryConfig()), e.threshold(), texts(e.verifiers()), false, Optional.empty(), texts(e.gateways())));
            case EscrowEvent.PoolInitialized e -> change.put(new PoolRow(text(e.pool()), text(e.market()), text(e.mint()), text(e.tokenProgram()),
                text(e.vault()), text(e.depositVault()), e.decimals(), BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO,
                BigInteger.ZERO, BigInteger.ONE, BigInteger.ZERO, BigInteger.ZERO, BigInteger.valueOf(slot), BigInteger.ZERO, BigInteger.ZERO));
            case EscrowEvent.EscrowOpened e -> {
                PoolRow pool = change.pool(text(e.market()), text(e.mint()));
                change.put(pool.withDeposits(plus(pool.deposited(), u64(e.amount())), pool.settled(), pool.exited()));
                change.put(new EscrowRow(text(e.escrow()), text(e.market()), pool.address(), text(e.payer()), text(e.mint()), text(e.sessionKey()),
                    text(e.rentPayer()), EscrowState.OPEN, u64(e.amount()), BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO,
                    u64(e.openSlot()), BigInteger.ZERO, e.sessionExpires(), u64(e.sessionLimit()), text(e.operator()), false));
            }
            case EscrowEvent.PrepaidOpened e -> change.put(new EscrowRow(text(e.escrow()), text(e.market()), change.pool(text(e.market()), text(e.mint())).address(),
                text(e.payer()), text(e.mint()), text(e.sessionKey()), text(e.rentPayer()), EscrowState.OPEN, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO,
                BigInteger.ZERO, u64(e.openSlot()), BigInteger.ZERO, 0, BigInteger.ZERO, text(e.operator()), true));
            case EscrowEvent.Deposited e -> deposited(change, e.escrow(), e.amount(), e.deposited());
            case EscrowEvent.TransfersCounted e -> deposited(change, e.escrow(), e.amount(), e.deposited());
            // What was never counted changes no sum by going back.
            case EscrowEvent.TransfersReturned _ -> { }
            case EscrowEvent.PausedSet e -> change.put(change.require(MarketRow.class, e.market()).withPaused(e.paused() == 1));
            case EscrowEvent.MarketUpdated e -> {
                MarketRow market = change.require(MarketRow.class, e.market());
                change.put(market.withPeople(market.authority(), text(e.operator()), text(e.treasury()), given(e.nominee())));
            }
            case EscrowEvent.AuthorityAccepted e -> {
                MarketRow market = change.require(MarketRow.class, e.market());
                change.put(market.withPeople(text(e.authority()), market.operator(), market.treasury(), Optional.empty()));
            }
            case EscrowEvent.TermsProposed e -> change.put(new TermsRow(text(e.terms()), text(e.market()), TermsState.PROPOSED, e.feeBps(),
                u64(e.challengeSlots()), u64(e.exitSlots()), u64(e.directSlots()), u64(e.minPosterBond()), u64(e.applySlot()), e.threshold(), texts(e.verifiers()),
                texts(e.gateways())));
            case EscrowEvent.TermsApplied e -> {
                TermsRow terms = change.require(TermsRow.class, e.terms());
                change.put(terms.with(TermsState.APPLIED));
                change.put(change.require(MarketRow.class, e.market()).under(terms));
            }
            case EscrowEvent.TermsCancelled e -> change.put(change.require(TermsRow.class, e.terms()).with(TermsState.CANCELLED));
            case EscrowEvent.OperatorRefreshed e ->
                e.escrows().forEach(escrow -> change.put(change.require(EscrowRow.class, escrow).operatedBy(text(e.operator()))));
            case EscrowEvent.JobOpened e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withDeposits(plus(pool.deposited(), u64(e.amount())), pool.settled(), pool.exited()));
                change.put(new LockedJobRow(text(e.job()), text(e.pool()), text(e.payer()), text(e.nodeKey()), text(e.rentPayer()), LockedJobState.OPEN,
                    e.termsHash().hex(), e.feeBps(), u64(e.amount()), BigInteger.ZERO, BigInteger.ZERO, u64(e.openSlot()), u64(e.deadlineSlot())));
            }
            case EscrowEvent.JobReleased e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withDirect(plus(pool.direct(), plus(u64(e.amount()), u64(e.fee())))));
                change.put(change.require(LockedJobRow.class, e.job()).withReleased(u64(e.cumulative())));
            }
            case EscrowEvent.JobClosed e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withDeposits(pool.deposited(), pool.settled(), plus(pool.exited(), u64(e.refunded()))));
                change.put(change.require(LockedJobRow.class, e.job()).closedWith(u64(e.refunded())));
            }
            case EscrowEvent.PaymentReceived e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withEarnings(u64(e.inflow()), pool.credited(), pool.claimed()));
                change.put(new PaymentRow(text(e.payment()), text(e.pool()), text(e.payer()), text(e.rentPayer()), e.reference().hex(), u64(e.amount()),
                    BigInteger.valueOf(slot), false));
            }
            case EscrowEvent.PaymentClosed e -> change.put(change.require(PaymentRow.class, e.payment()).gone());
            case EscrowEvent.BatchClosed e -> change.put(change.require(BatchRow.class, e.batch()).gone());
            case EscrowEvent.DirectSettled e -> {
                EscrowRow escrow = change.require(EscrowRow.class, e.escrow());
                change.put(escrow.settledDirectly(u64(e.settled()), u64(e.charge())));
                change.put(new DirectRow(text(e.direct()), text(e.pool()), text(e.escrow()), e.job().hex(), text(e.nodeKey()), text(e.payer()), text(e.rentPayer()),
                    text(e.gateway()), DirectState.OPEN, e.receiptHash().hex(), u64(e.charge()), u64(e.fee()), BigInteger.valueOf(slot), u64(e.finalSlot()),
                    Optional.empty(), false));
            }
            case EscrowEvent.DirectVoided e -> change.put(change.require(DirectRow.class, e.direct())
                .with(DirectState.VOID, e.by() == BY_VERIFIERS ? Optional.of(e.reason()) : Optional.empty()));
            case EscrowEvent.DirectPaid e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withDirect(plus(pool.direct(), plus(u64(e.amount()), u64(e.fee())))));
                change.put(change.require(DirectRow.class, e.direct()).with(DirectState.PAID, Optional.empty()));
            }
            case EscrowEvent.DirectReturned e -> {
                if (e.toWallet() == 1) {
                    PoolRow pool = change.require(PoolRow.class, e.pool());
                    change.put(pool.withDeposits(pool.deposited(), pool.settled(), plus(pool.exited(), u64(e.charge()))));
                } else {
                    change.put(change.require(EscrowRow.class, e.escrow()).givenBack(u64(e.charge())));
                }
                DirectRow direct = change.require(DirectRow.class, e.direct());
                change.put(direct.with(DirectState.RETURNED, direct.voidReason()));
            }
            case EscrowEvent.DirectClosed e -> change.put(change.require(DirectRow.class, e.direct()).gone());
            case EscrowEvent.VouchersSettled e -> settled(change, e);
            case EscrowEvent.SettledCollected e -> collected(change, e);
            case EscrowEvent.ExitRequested e -> change.put(change.require(EscrowRow.class, e.escrow()).exitingFrom(u64(e.exitSlot())));
            case EscrowEvent.EscrowExited e -> {
                EscrowRow escrow = change.require(EscrowRow.class, e.escrow());
                PoolRow pool = change.require(PoolRow.class, escrow.pool());
                change.put(pool.withDeposits(pool.deposited(), pool.settled(), plus(pool.exited(), u64(e.amount())))
                    .withUncollected(plus(pool.uncollected(), u64(e.uncollected()))));
                change.put(escrow.exitedWith(u64(e.amount())));
            }
            case EscrowEvent.InflowSynced e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withEarnings(u64(e.inflow()), pool.credited(), pool.claimed()));
            }
            case EscrowEvent.BatchPosted e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                BigInteger seq = u64(e.seq());
                change.put(pool.withBatches(seq.add(BigInteger.ONE), seq, pool.finalSeq(), BigInteger.valueOf(slot)));
                change.put(new BatchRow(text(e.batch()), text(e.pool()), seq, BatchState.POSTED, text(e.poster()), e.receiptsRoot().hex(), e.receiptsCount(),
                    e.creditRoot().hex(), u64(e.creditSum()), e.payeeCount(), BigInteger.valueOf(slot), u64(e.finalSlot()), Optional.empty(), Optional.empty(),
                    Optional.empty(), false));
                // A bond that is there answers for the batch.
                poster(change, text(programs.poster(PublicKey.fromBase58Encoded(pool.market()), e.poster())))
                    .ifPresent(poster -> change.put(poster.answeringUntil(u64(e.finalSlot()))));
            }
            case EscrowEvent.BatchFinalized e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withEarnings(pool.inflow(), u64(e.creditSum()), pool.claimed())
                    .withBatches(pool.nextSeq(), BigInteger.ZERO, u64(e.seq()), pool.lastPostSlot()));
                change.put(change.require(BatchRow.class, e.batch()).withState(BatchState.FINAL, Optional.empty()));
            }
            case EscrowEvent.BatchVoided e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withBatches(pool.nextSeq(), BigInteger.ZERO, pool.finalSeq(), pool.lastPostSlot()));
                change.put(change.require(BatchRow.class, e.batch()).withState(BatchState.VOID, Optional.of(e.reason())));
            }
            case EscrowEvent.BatchChallenged e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withBatches(pool.nextSeq(), BigInteger.ZERO, pool.finalSeq(), pool.lastPostSlot()));
                change.put(change.require(BatchRow.class, e.batch()).challenged(e.fault(), text(e.challenger())));
                poster(change, text(e.poster())).ifPresent(poster -> change.put(poster.slashedBy(plus(u64(e.reward()), u64(e.burned())))));
            }
            case EscrowEvent.PosterBonded e -> change.put(poster(change, text(e.poster())).map(poster -> poster.bonded(u64(e.bond())))
                .orElseGet(() -> new PosterRow(text(e.poster()), change.require(MarketRow.class, e.market()).address(), text(e.operator()), text(e.rentPayer()),
                    PosterState.BONDED, u64(e.bond()), BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO)));
            case EscrowEvent.PosterUnbondRequested e -> change.put(change.require(PosterRow.class, e.poster()).leavingAt(u64(e.unbondSlot())));
            case EscrowEvent.PosterBondWithdrawn e -> change.put(change.require(PosterRow.class, e.poster()).withdrawn());
            case EscrowEvent.LeafProven e -> {
                BatchRow batch = change.require(BatchRow.class, e.batch());
                change.put(new LeafRow(text(e.leaf()), batch.pool(), batch.seq(), text(e.prover()), e.index(), text(e.payee()), e.kind(), u64(e.cumulative()), false));
            }
            case EscrowEvent.LeafClosed e -> change.put(change.require(LeafRow.class, e.leaf()).gone());
            case EscrowEvent.Claimed e -> {
                PoolRow pool = change.require(PoolRow.class, e.pool());
                change.put(pool.withEarnings(pool.inflow(), pool.credited(), plus(pool.claimed(), u64(e.amount()))));
                change.put(new ClaimRow(text(programs.claim(e.pool(), e.payee(), CreditKind.ofCode(e.kind()))), text(e.pool()), text(e.payee()), e.kind(), u64(e.cumulative()),
                    u64(e.seq())));
            }
        }
    }

    /// The poster account at an address, where there is one now.
    private static Optional<PosterRow> poster(Change change, String address) {
        return change.find(PosterRow.class, address).filter(poster -> !poster.isClosed());
    }

    private static void deposited(Change change, PublicKey address, long amount, long sum) {
        EscrowRow escrow = change.require(EscrowRow.class, address);
        PoolRow pool = change.require(PoolRow.class, escrow.pool());
        change.put(pool.withDeposits(plus(pool.deposited(), u64(amount)), pool.settled(), pool.exited()));
        change.put(escrow.withDeposited(u64(sum)));
    }

    private static void settled(Change change, EscrowEvent.VouchersSettled event) {
        for (SettledEntry entry : event.entries()) {
            // Skipped entries carry an error number and moved nothing.
            if (entry.code() == 0) {
                change.put(change.require(EscrowRow.class, entry.escrow()).withSettled(u64(entry.cumulative())));
            }
        }
    }

    private static void collected(Change change, EscrowEvent.SettledCollected event) {
        PoolRow pool = change.require(PoolRow.class, event.pool());
        change.put(pool.withDeposits(pool.deposited(), plus(pool.settled(), u64(event.total())), pool.exited())
            .withEarnings(u64(event.inflow()), pool.credited(), pool.claimed()).withUncollected(minus(pool.uncollected(), u64(event.closed()))));
        for (CollectedEntry entry : event.entries()) {
            change.put(change.require(EscrowRow.class, entry.escrow()).collecting(u64(entry.amount())));
        }
    }

    // --- values --------------------------------------------------------------------------------------------------------

    private static String text(PublicKey key) {
        return key.toBase58();
    }

    private static List<String> texts(List<PublicKey> keys) {
        return keys.stream().map(Projection::text).toList();
    }

    private static List<String> measurements(List<Measurement> all) {
        return all.stream().map(one -> HexFormat.of().formatHex(one.bytes())).toList();
    }

    private static Optional<String> given(PublicKey key) {
        return key.equals(PublicKey.NONE) ? Optional.empty() : Optional.of(key.toBase58());
    }

    private static BigInteger u64(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    private static BigInteger plus(BigInteger sum, BigInteger amount) {
        BigInteger result = sum.add(amount);
        if (result.compareTo(U64_MAX) > 0) {
            throw new ProjectionException("a sum of " + sum + " and " + amount + " is no u64");
        }
        return result;
    }

    private static BigInteger minus(BigInteger sum, BigInteger amount) {
        if (amount.compareTo(sum) > 0) {
            throw new ProjectionException("cannot take " + amount + " from " + sum);
        }
        return sum.subtract(amount);
    }
}
