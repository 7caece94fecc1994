package network.nyxos.relayer.chain;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.ChainInstruction;
import network.nyxos.chain.ClaimTables;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ConfirmedTransaction;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.escrow.Poster;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.relayer.attest.Panel;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.batch.Rulers;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.dispute.Bonded;
import network.nyxos.relayer.dispute.SlashFacts;
import network.nyxos.relayer.gate.AttestationRecord;
import network.nyxos.relayer.gate.DirectJobs;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.PastKey;
import network.nyxos.relayer.gate.PaymentFacts;
import network.nyxos.relayer.gate.SlotHash;
import network.nyxos.relayer.verifier.PoolFactsSource;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// What one market's accounts and transactions say, read over RPC at `confirmed`.
public final class MarketFacts implements PoolFactsSource, SlashFacts {
    private static final int EXITING = 2;
    private static final int BONDED = 1;
    private static final int TRANSFER_CHECKED = 12;
    private static final int TRANSFER_CHECKED_LENGTH = 10;
    /// How many slots are looked through for the next block; more than any gap that a cluster has had and come back from.
    private static final long SLOTS_AHEAD = 5_000;
    /// How often an escrow is read anew because it has changed between itself and its records.
    private static final int LOOKS = 5;

    private final SolanaRpc rpc;
    private final MarketTerms terms;
    private final DirectRecords directRecords;
    private final ClosedEscrows closedEscrows;
    private final ModelHistory modelHistory;
    private final NodeHistory nodeHistory;
    private final ProgramEvents<EscrowEvent> events;
    private final ProgramEvents<RegistryEvent> registryEvents;

    /// @param rpc a node that this service trusts
    public MarketFacts(SolanaRpc rpc, MarketTerms terms) {
        this.rpc = rpc;
        this.terms = terms;
        this.directRecords = new DirectRecords(rpc, terms.programs().escrow());
        this.closedEscrows = new ClosedEscrows(rpc, terms.programs().escrow(), directRecords);
        this.modelHistory = new ModelHistory(rpc, terms.programs().registry());
        this.nodeHistory = new NodeHistory(rpc, terms.programs().registry());
        this.events = new ProgramEvents<>(rpc, terms.programs().escrow(), EscrowEvent::decode);
        this.registryEvents = new ProgramEvents<>(rpc, terms.programs().registry(), RegistryEvent::decode);
    }

    /// The market.
    public MarketTerms terms() {
        return terms;
    }

    /// The market as it is now; {@link #terms} are as it was at the start.
    public Market market() {
        return data(terms.address(), terms.programs().escrow()).map(Market::decode)
            .orElseThrow(() -> new IllegalStateException("market " + terms.address() + " left the chain"));
    }

    /// Whose word counts in it now.
    public Rulers rulers() {
        Market market = market();
        return new Rulers(market.operator(), market.threshold(), market.verifiers().subList(0, market.verifierCount()));
    }

    /// Whose word the registry takes now.
    public Panel panel() {
        Config config = registryConfig();
        return new Panel(terms.market().registryConfig(), config.threshold(), config.verifiers().subList(0, config.verifierCount()));
    }

    /// The registry's instructions.
    public RegistryCalls registryCalls() {
        PublicKey bondMint = registryConfig().bondMint();
        return new RegistryCalls(terms.programs(), terms.market().registryConfig(), bondMint, tokenProgram(bondMint));
    }

    private PublicKey tokenProgram(PublicKey bondMint) {
        return rpc.account(bondMint, Commitment.CONFIRMED).map(Account::owner)
            .orElseThrow(() -> new IllegalStateException("bond mint " + bondMint + " left the chain"));
    }

    @Override
    public PublicKey rewardToken(PublicKey wallet) {
        PublicKey bondMint = registryConfig().bondMint();
        return Tokens.associated(wallet, bondMint, tokenProgram(bondMint));
    }

    /// Makes the token account that a wallet is rewarded on, where there is none.
    ///
    /// @param payer pays the rent, signs
    Instruction openRewardToken(PublicKey payer, PublicKey wallet) {
        PublicKey bondMint = registryConfig().bondMint();
        return Tokens.createAssociated(payer, wallet, bondMint, tokenProgram(bondMint));
    }

    private Config registryConfig() {
        PublicKey address = terms.market().registryConfig();
        return data(address, terms.programs().registry()).map(Config::decode).orElseThrow(() -> new IllegalStateException("registry " + address + " left the chain"));
    }

    /// The bond that answers for what an operator posts, base units of the market's bond mint; 0 where there is none, or its holder is on the way out.
    public long posterBond(PublicKey operator) {
        return data(terms.programs().poster(terms.address(), operator), terms.programs().escrow()).map(Poster::decode).filter(poster -> poster.state() == BONDED)
            .map(Poster::bond).orElse(0L);
    }

    private Optional<byte[]> data(PublicKey address, PublicKey owner) {
        return rpc.account(address, Commitment.CONFIRMED).filter(account -> account.owner().equals(owner)).map(Account::data);
    }

    @Override
    public Optional<NodeFacts> node(PublicKey node) {
        return account(node).map(MarketFacts::facts);
    }

    @Override
    public Optional<Bonded> bonded(PublicKey node) {
        return account(node).map(found -> new Bonded(facts(found), found.payout(), found.bond()));
    }

    @Override
    public Optional<Executed> slashed(PublicKey node, Hash evidence) {
        // Who still has its bond was not slashed: then its history need not be read.
        if (account(node).filter(found -> found.slashedTotal() != 0).isEmpty()) {
            return Optional.empty();
        }
        PublicKey address = address(node);
        return registryEvents.of(address).stream().flatMap(told -> told.event() instanceof RegistryEvent.NodeSlashed it && it.node().equals(address) && it.evidenceHash().equals(evidence)
            ? Stream.of(new Executed(told.transaction().base58(), it.amount(), it.reward(), it.refund(), it.burned(), it.bond())) : Stream.empty()).findFirst();
    }

    /// Whether a dispute about a node's receipt was open at a slot, by its events.
    public boolean accused(PublicKey node, long slot) {
        PublicKey address = address(node);
        var open = new HashSet<PublicKey>();
        for (ProgramEvents.At<RegistryEvent> told : registryEvents.of(address)) {
            if (told.slot() > slot) {
                break;
            }
            switch (told.event()) {
                case RegistryEvent.DisputeOpened it when it.node().equals(address) -> open.add(it.dispute());
                case RegistryEvent.DisputeEnded it when it.node().equals(address) -> open.remove(it.dispute());
                default -> { }
            }
        }
        return !open.isEmpty();
    }

    @Override
    public long answerSlots() {
        return registryConfig().answerSlots();
    }

    @Override
    public Optional<PublicKey> openDispute(PublicKey node, Hash receipt) {
        return rpc.programState(terms.programs().registry(), List.of(new AccountFilter.Size(Dispute.SIZE), AccountFilter.key(Dispute.OFFSET_NODE_KEY, node)), Commitment.CONFIRMED)
            // Evidence is of any length, and an accuser writes what it likes into it.
            .accounts().stream().filter(account -> Dispute.matches(account.data())).filter(account -> {
                Dispute dispute = Dispute.decode(account.data());
                return dispute.config().equals(terms.market().registryConfig()) && dispute.receiptHash().equals(receipt);
            }).map(Account::address).findFirst();
    }

    private PublicKey address(PublicKey node) {
        return terms.programs().node(terms.market().registryConfig(), node);
    }

    private Optional<Node> account(PublicKey node) {
        return data(address(node), terms.programs().registry()).map(Node::decode);
    }

    private static NodeFacts facts(Node found) {
        return new NodeFacts(found.nodeKey(), found.operator(),
            switch (found.state()) {
                case 1 -> NodeFacts.State.ACTIVE;
                case 2 -> NodeFacts.State.UNBONDING;
                case 3 -> NodeFacts.State.WITHDRAWN;
                case 4 -> NodeFacts.State.SLASHED;
                default -> throw new IllegalStateException("node " + found.nodeKey() + " is in state " + found.state());
            }, found.tiers(), found.receiptKey(), found.sealingKey(),
            new AttestationRecord(found.attestationQuoteHash(), found.attestationExpirySlot(), found.attestationFloorSlot(),
                found.revokedQuoteHash()), found.registeredSlot(), found.openDisputes());
    }

    @Override
    public List<PastKey> pastReceiptKeys(NodeFacts node) {
        return nodeHistory.before(node, address(node.node()));
    }

    @Override
    public Optional<RegisteredModel> model(Hash model) {
        return data(terms.programs().model(terms.market().registryConfig(), model), terms.programs().registry()).map(Model::decode)
            .map(RegisteredModel::of);
    }

    @Override
    public CreditRules credits(long slot, Set<Hash> models) {
        Market market = market();
        return new CreditRules(slot, market.feeBps(), market.treasury(), models.stream().sorted().map(this::model).flatMap(Optional::stream)
            .map(model -> CreditRules.Royalty.of(model, slot)).flatMap(Optional::stream).toList());
    }

    @Override
    public Set<Optional<CreditRules.Royalty>> royalties(Hash model, long slot) {
        return modelHistory.royalties(model, terms.programs().model(terms.market().registryConfig(), model), slot);
    }

    @Override
    public PaymentFacts payment(Signature signature, PublicKey mint) {
        PoolCalls pool = terms.pool(mint);
        Optional<ConfirmedTransaction> found = rpc.transaction(signature, Commitment.CONFIRMED);
        if (found.isEmpty()) {
            return new PaymentFacts.Absent();
        }
        ConfirmedTransaction transaction = found.get();
        if (transaction.error().isPresent()) {
            return new PaymentFacts.Failed(transaction.error().get().toString());
        }
        List<PaymentFacts.Transfer> transfers = transaction.instructions().stream().filter(instruction -> intoVault(instruction, pool))
            .map(MarketFacts::transfer).toList();
        return new PaymentFacts.Landed(Hash.sha256(transaction.transaction().message()), transfers);
    }

    private static boolean intoVault(ChainInstruction instruction, PoolCalls pool) {
        byte[] data = instruction.data();
        return instruction.program().equals(pool.tokenProgram()) && data.length == TRANSFER_CHECKED_LENGTH && data[0] == TRANSFER_CHECKED
            && instruction.accounts().size() >= 4 && instruction.accounts().get(2).equals(pool.vault());
    }

    /// Accounts of a TransferChecked: source, mint, destination, authority.
    private static PaymentFacts.Transfer transfer(ChainInstruction instruction) {
        var reader = new BorshReader(instruction.data(), 1, Long.BYTES);
        return new PaymentFacts.Transfer(instruction.accounts().get(3), instruction.accounts().get(1), reader.u64());
    }

    @Override
    public Optional<EscrowFacts> escrow(PublicKey escrow) {
        Optional<Escrow> found = openEscrow(escrow);
        for (int look = 0; found.isPresent() && look < LOOKS; look++) {
            DirectJobs direct = directRecords.of(escrow);
            Optional<Escrow> still = openEscrow(escrow);
            if (still.map(Escrow::settled).equals(found.map(Escrow::settled)) && still.map(Escrow::collected).equals(found.map(Escrow::collected))) {
                return still.map(open -> facts(open, direct));
            }
            found = still;
        }
        if (found.isPresent()) {
            throw new IllegalStateException("escrow " + escrow + " changes as it is read");
        }
        return closedEscrows.find(escrow);
    }

    /// Whether an escrow is there, and its payer has not left.
    public boolean isOpen(PublicKey escrow) {
        return openEscrow(escrow).isPresent();
    }

    private Optional<Escrow> openEscrow(PublicKey escrow) {
        return data(escrow, terms.programs().escrow()).filter(Escrow::matches).map(Escrow::decode);
    }

    /// The program counts what nodes settled by themselves as settled and collected; none of it comes into the pool's vault, for batches to credit.
    private static EscrowFacts facts(Escrow found, DirectJobs direct) {
        return new EscrowFacts(found.market(), found.payer(), found.mint(), found.sessionKey(), found.operator(),
            found.state() == EXITING ? EscrowFacts.State.EXITING : EscrowFacts.State.OPEN, found.deposited(), Math.subtractExact(found.settled(), direct.charged()),
            Math.subtractExact(found.collected(), direct.charged()), found.exitSlot(), found.sessionExpires(), found.sessionLimit(), direct);
    }

    /// Records of jobs that nodes settled by themselves, and that still hold what was charged: open ones and void ones.
    public List<Direct> directRecords(PublicKey mint) {
        return directRecords.holding(terms.pool(mint).pool());
    }

    /// What a settlement did to each of its escrows: 0 settled, else the program's error number. Empty while the node does not have the transaction.
    public Optional<Map<PublicKey, Long>> settlement(Signature transaction) {
        return events.of(transaction).map(told -> told.stream().map(ProgramEvents.At::event).filter(EscrowEvent.VouchersSettled.class::isInstance)
            .flatMap(event -> ((EscrowEvent.VouchersSettled) event).entries().stream()).collect(Collectors.toMap(SettledEntry::escrow, SettledEntry::code,
                // An escrow that is named twice is settled by either.
                Math::min)));
    }

    @Override
    public long slot() {
        return rpc.slot(Commitment.CONFIRMED);
    }

    @Override
    public long tip() {
        return rpc.slot(Commitment.PROCESSED);
    }

    @Override
    public Optional<SlotHash> firstBlock(long fromSlot) {
        long now = slot();
        if (now < fromSlot) {
            return Optional.empty();
        }
        return rpc.blocks(fromSlot, Math.min(now, fromSlot + SLOTS_AHEAD), Commitment.CONFIRMED).stream().findFirst()
            .flatMap(slot -> rpc.block(slot, Commitment.CONFIRMED)).map(block -> new SlotHash(block.slot(), block.blockhash()));
    }

    @Override
    public PoolFacts pool(PublicKey mint) {
        PublicKey address = terms.pool(mint).pool();
        Pool pool = data(address, terms.programs().escrow()).map(Pool::decode)
            .orElseThrow(() -> new IllegalStateException("pool " + address + " left the chain"));
        return new PoolFacts(address, pool.nextSeq(), pool.pendingSeq(), pool.finalSeq(), pool.credited(), pool.settled(), pool.uncollected());
    }

    @Override
    public Optional<PostedBatch> batch(PublicKey mint, long seq) {
        return data(terms.pool(mint).batch(seq), terms.programs().escrow()).map(Batch::decode).map(batch -> new PostedBatch(
            new BatchDocument.Header(batch.pool(), batch.seq(), batch.receiptsRoot(), Math.toIntExact(batch.receiptsCount()),
                new CreditNode(batch.creditRoot(), batch.creditSum()), Math.toIntExact(batch.payeeCount())),
            switch (batch.state()) {
                case 1 -> BatchState.POSTED;
                case 2 -> BatchState.FINAL;
                case 3 -> BatchState.VOID;
                default -> throw new IllegalStateException("batch " + seq + " is in state " + batch.state());
            }, batch.postedSlot(), batch.finalSlot()));
    }

    /// The lookup tables of an owner.
    ClaimTables claimTables(PublicKey owner) {
        return new ClaimTables(rpc, List.of(owner));
    }

    /// What a payee has claimed in all, base units.
    public long claimed(PublicKey mint, PublicKey payee, CreditKind kind) {
        return data(terms.pool(mint).claimAccount(payee, kind), terms.programs().escrow()).map(Claim::decode).map(Claim::claimed).orElse(0L);
    }
}
