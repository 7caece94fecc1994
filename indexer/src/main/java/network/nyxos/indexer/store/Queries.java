package network.nyxos.indexer.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/// What the API shows, read from the mirror. A u64 becomes a decimal string, other numbers stay numbers, times are ISO 8601 in UTC. Pages go by a key that
/// never changes, so that what is inserted meanwhile neither doubles nor hides a row.
public final class Queries {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STAMP = ", x.slot as \"slot\", x.signature as \"signature\"";
    private static final String POOL = "x.address as \"pool\", x.market as \"market\", x.mint as \"mint\", x.decimals as \"decimals\","
        + " x.token_program as \"tokenProgram\", x.vault as \"vault\", x.deposit_vault as \"depositVault\", x.deposited as \"deposited\","
        + " x.settled as \"settled\", x.exited as \"exited\", l.held as \"held\", x.inflow as \"inflow\", x.credited as \"credited\", x.claimed as \"claimed\","
        + " l.uncredited as \"uncredited\", l.unclaimed as \"unclaimed\", x.next_seq as \"nextSeq\", x.pending_seq as \"pendingSeq\","
        + " x.final_seq as \"finalSeq\", x.last_post_slot as \"lastPostSlot\", x.uncollected as \"uncollected\", x.direct as \"direct\"" + STAMP + " from pool x join ledger l on l.pool = x.address";
    private static final String MARKET = "x.address as \"market\", x.cluster as \"cluster\", x.creator as \"creator\", x.id as \"id\","
        + " x.authority as \"authority\", x.operator as \"operator\", x.treasury as \"treasury\", x.fee_bps as \"feeBps\","
        + " x.challenge_slots as \"challengeSlots\", x.exit_slots as \"exitSlots\", x.direct_slots as \"directSlots\","
        + " x.bond_mint as \"bondMint\", x.min_poster_bond as \"minPosterBond\","
        + " x.registry_program as \"registryProgram\", x.registry_config as \"registryConfig\", x.threshold as \"threshold\", x.verifiers as \"verifiers\","
        + " x.paused = 1 as \"paused\", x.nominee as \"nominee\", x.gateways as \"gateways\", (select jsonb_build_object('state', t.state, 'applySlot', t.apply_slot::text, 'feeBps', t.fee_bps,"
        + " 'challengeSlots', t.challenge_slots::text, 'exitSlots', t.exit_slots::text, 'directSlots', t.direct_slots::text, 'minPosterBond', t.min_poster_bond::text, 'threshold', t.threshold,"
        + " 'verifiers', t.verifiers, 'gateways', t.gateways) from terms t where t.market = x.address) as \"terms\"" + STAMP + " from market x";
    private static final String NODE = "x.address as \"node\", x.config as \"config\", x.node_key as \"nodeKey\", x.operator as \"operator\","
        + " x.payout as \"payout\", x.receipt_key as \"receiptKey\", x.sealing_key as \"sealingKey\", x.tiers as \"tierBits\", x.state as \"state\","
        + " x.bond as \"bond\", c.bond_mint as \"bondMint\", (select p.decimals from pool p where p.mint = c.bond_mint limit 1) as \"bondDecimals\","
        + " x.unbond_slot as \"unbondSlot\", x.registered_slot as \"registeredSlot\", x.attestation_kind as \"attestationKind\","
        + " x.attestation_expiry_slot as \"attestationExpirySlot\", x.attestation_quote_hash as \"attestationQuoteHash\","
        + " x.attestation_measurement as \"attestationMeasurement\", x.slashed_total as \"slashedTotal\", x.open_disputes as \"openDisputes\","
        + " (select count(*) from job j where j.node = x.node_key) as \"jobs\"" + STAMP
        + " from node x left join registry_config c on c.address = x.config";
    private static final String VALIDATOR = "x.address as \"validator\", x.config as \"config\", x.validator_key as \"validatorKey\", x.operator as \"operator\","
        + " x.payout as \"payout\", x.state as \"state\", x.bond as \"bond\", c.bond_mint as \"bondMint\","
        + " (select p.decimals from pool p where p.mint = c.bond_mint limit 1) as \"bondDecimals\", x.unbond_slot as \"unbondSlot\","
        + " x.registered_slot as \"registeredSlot\", x.slashed_total as \"slashedTotal\"" + STAMP
        + " from validator x left join registry_config c on c.address = x.config";
    private static final String REGISTRY = "x.address as \"config\", x.id as \"id\", x.creator as \"creator\", x.authority as \"authority\","
        + " x.pending_authority as \"pendingAuthority\", x.paused as \"paused\", x.bond_mint as \"bondMint\","
        + " (select p.decimals from pool p where p.mint = x.bond_mint limit 1) as \"bondDecimals\", x.min_bond as \"minBond\","
        + " x.min_validator_bond as \"minValidatorBond\", x.unbonding_slots as \"unbondingSlots\", x.answer_slots as \"answerSlots\", x.node_count as \"nodeCount\","
        + " x.validator_count as \"validatorCount\", x.threshold as \"threshold\", x.verifiers as \"verifiers\","
        + " (select jsonb_build_object('state', p.state, 'effectiveSlot', p.effective_slot::text, 'threshold', p.threshold, 'verifiers', p.verifiers)"
        + " from registry_proposal p where p.target = x.address) as \"proposal\"" + STAMP + " from registry_config x";
    private static final String MODEL = "x.address as \"model\", x.config as \"config\", x.model_id as \"modelId\", x.publisher as \"publisher\","
        + " x.payee as \"payee\", x.state as \"state\", x.royalty_bps as \"royaltyBps\", x.pending_royalty_bps as \"pendingRoyaltyBps\","
        + " x.pending_slot as \"pendingSlot\", x.registered_slot as \"registeredSlot\", x.measurements as \"measurements\"" + STAMP + " from model x";
    private static final String ESCROW = "x.address as \"escrow\", x.market as \"market\", x.pool as \"pool\", x.payer as \"payer\", x.mint as \"mint\","
        + " p.decimals as \"decimals\", x.session_key as \"sessionKey\", x.state as \"state\", x.deposited as \"deposited\", x.settled as \"settled\", x.collected as \"collected\","
        + " x.returned as \"returned\", x.deposited - x.settled - x.returned as \"available\", x.open_slot as \"openSlot\", x.exit_slot as \"exitSlot\","
        + " x.session_expires as \"sessionExpires\", x.session_limit as \"sessionLimit\", x.operator as \"operator\", x.prepaid as \"prepaid\"" + STAMP + " from escrow x join pool p on p.address = x.pool";
    private static final String BATCH = "x.address as \"batch\", x.pool as \"pool\", p.market as \"market\", p.mint as \"mint\", p.decimals as \"decimals\","
        + " x.seq as \"seq\", x.state as \"state\", x.poster as \"poster\", x.receipts_root as \"receiptsRoot\", x.receipts_count as \"receiptsCount\","
        + " x.credit_root as \"creditRoot\", x.credit_sum as \"creditSum\", x.payee_count as \"payeeCount\", x.posted_slot as \"postedSlot\","
        + " x.final_slot as \"finalSlot\", x.void_reason as \"voidReason\", x.fault as \"fault\", x.challenger as \"challenger\", jsonb_build_object('state', coalesce(k.state, 'waiting'), 'code', k.code,"
        + " 'message', k.message) as \"content\"" + STAMP
        + " from batch x join pool p on p.address = x.pool left join batch_content k on k.batch = x.address";
    private static final String JOB = "x.job as \"job\", x.batch as \"batch\", p.mint as \"mint\", p.decimals as \"decimals\", b.seq as \"seq\","
        + " x.leaf as \"leaf\", case b.state when 'posted' then 'batched' when 'void' then 'void' else case when c.last_seq >= b.seq then 'claimed'"
        + " else 'final' end end as \"state\", x.node as \"node\", x.model as \"model\", x.engine as \"engine\", x.tier as \"tier\","
        + " x.tokens_in as \"tokensIn\", x.tokens_out as \"tokensOut\", x.charge as \"charge\", x.finish as \"finish\","
        + " x.prompt_commitment as \"promptCommitment\", x.output_hash as \"outputHash\", x.quote_hash as \"quoteHash\","
        + " x.receipt_hash as \"receiptHash\", replace(encode(x.receipt, 'base64'), chr(10), '') as \"receipt\", replace(encode(x.receipt_signature, 'base64'), chr(10), '') as \"receiptSignature\","
        + " x.payment as \"payment\", x.started_at as \"startedAt\", x.ended_at as \"endedAt\""
        + " from job x join batch b on b.address = x.batch join pool p on p.address = b.pool"
        + " left join claim c on c.pool = b.pool and c.payee = x.node and c.kind = 1";
    private static final String LOCKED = "x.address as \"account\", x.pool as \"pool\", p.mint as \"mint\", p.decimals as \"decimals\", x.payer as \"payer\","
        + " x.node_key as \"node\", x.state as \"state\", x.terms_hash as \"termsHash\", x.fee_bps as \"feeBps\", x.amount as \"amount\","
        + " x.released as \"released\", x.refunded as \"refunded\", x.open_slot as \"openSlot\", x.deadline_slot as \"deadlineSlot\"" + STAMP
        + " from locked_job x join pool p on p.address = x.pool";
    private static final String DIRECT = "x.address as \"account\", x.pool as \"pool\", p.mint as \"mint\", p.decimals as \"decimals\", x.escrow as \"escrow\","
        + " x.job as \"job\", x.node_key as \"node\", x.payer as \"payer\", x.gateway as \"gateway\", x.state as \"state\", x.receipt_hash as \"receiptHash\","
        + " x.charge as \"charge\", x.fee as \"fee\", x.settled_slot as \"settledSlot\", x.final_slot as \"finalSlot\", x.void_reason as \"voidReason\","
        + " x.closed as \"closed\"" + STAMP + " from direct x join pool p on p.address = x.pool";
    private static final String DISPUTE = "x.address as \"dispute\", x.config as \"config\", x.node_key as \"node\", x.accuser as \"accuser\", c.bond_mint as \"bondMint\","
        + " (select p.decimals from pool p where p.mint = c.bond_mint limit 1) as \"bondDecimals\", x.receipt_hash as \"receiptHash\", x.model_id as \"model\","
        + " x.tokens_in as \"tokensIn\", x.tokens_out as \"tokensOut\", x.stake as \"stake\", x.state as \"state\", x.opened_slot as \"openedSlot\","
        + " x.deadline_slot as \"deadlineSlot\", x.phase as \"phase\", x.level as \"level\", x.vector as \"vector\", x.place_hash as \"placeHash\","
        + " x.place_first as \"placeFirst\", x.place_count as \"placeCount\", x.reward as \"reward\", x.burned as \"burned\", x.returned as \"returned\"" + STAMP
        + " from dispute x left join registry_config c on c.address = x.config";
    private static final String PAYMENT = "x.address as \"account\", x.pool as \"pool\", p.mint as \"mint\", p.decimals as \"decimals\", x.payer as \"payer\","
        + " x.reference as \"reference\", x.amount as \"amount\", x.paid_slot as \"paidSlot\", x.closed as \"closed\"" + STAMP
        + " from payment x join pool p on p.address = x.pool";
    private static final String CLAIM = "x.signature as \"signature\", x.slot as \"slot\", x.block_time as \"blockTime\", x.body ->> 'pool' as \"pool\","
        + " p.mint as \"mint\", p.decimals as \"decimals\", x.body ->> 'payee' as \"payee\", (x.body ->> 'kind')::integer as \"kindCode\","
        + " x.body ->> 'destination' as \"destination\", x.body ->> 'amount' as \"amount\", x.body ->> 'cumulative' as \"cumulative\","
        + " x.body ->> 'seq' as \"seq\" from event x join pool p on p.address = x.body ->> 'pool'";
    private static final String EVENT = "x.id as \"id\", x.program as \"program\", x.type as \"type\", x.signature as \"signature\","
        + " x.outer_index as \"outerIndex\", x.inner_index as \"innerIndex\", x.slot as \"slot\", x.block_time as \"blockTime\","
        + " x.indexed_at as \"indexedAt\", x.body as \"data\" from event x";

    private static final String LATEST = "with latest as (select distinct on (b.pool) b.pool, b.address as batch, b.seq from batch b join batch_content k"
        + " on k.batch = b.address and k.state = 'verified' where b.state = 'final' order by b.pool, b.seq desc) ";

    private final DataSource database;

    /// @param database a database that has this module's schema
    public Queries(DataSource database) {
        this.database = database;
    }

    /// A page of rows.
    ///
    /// @param items the rows
    /// @param next key to go on after; empty at the end
    public record Page(ArrayNode items, Optional<Long> next) {
    }

    /// A condition on rows, and its arguments.
    private record Where(String sql, List<Object> arguments) {
        static Where all() {
            return new Where("true", List.of());
        }

        Where and(String more, Object... values) {
            var arguments = new ArrayList<>(this.arguments);
            arguments.addAll(List.of(values));
            return new Where(sql + " and " + more, arguments);
        }

        Where andIf(Optional<?> value, String more) {
            return value.isPresent() ? and(more, value.get()) : this;
        }
    }

    private Page page(String select, String key, boolean newestFirst, Where where, Optional<Long> after, int limit) {
        Where bounded = where.andIf(after, "x." + key + (newestFirst ? " < ?" : " > ?"));
        var arguments = new ArrayList<>(bounded.arguments());
        arguments.add(limit + 1);
        ArrayNode rows = rows("select x." + key + " as \"_key\", " + select + " where " + bounded.sql() + " order by x." + key + (newestFirst ? " desc" : "")
            + " limit ?", arguments);
        boolean more = rows.size() > limit;
        if (more) {
            rows.remove(limit);
        }
        Optional<Long> next = more ? Optional.of(rows.get(limit - 1).get("_key").longValue()) : Optional.empty();
        rows.forEach(row -> ((ObjectNode) row).remove("_key"));
        return new Page(rows, next);
    }

    private Optional<ObjectNode> one(String select, String where, Object... arguments) {
        ArrayNode rows = rows("select " + select + " where " + where + " limit 1", List.of(arguments));
        return rows.isEmpty() ? Optional.empty() : Optional.of((ObjectNode) rows.get(0));
    }

    /// Markets in the order of their making.
    public Page markets(Optional<Long> after, int limit) {
        return page(MARKET, "event_id", false, Where.all(), after, limit);
    }

    /// Pools in the order of their making.
    public Page pools(Optional<String> market, Optional<Long> after, int limit) {
        return page(POOL, "event_id", false, Where.all().andIf(market, "x.market = ?"), after, limit);
    }

    /// Amounts locked for jobs, newest first.
    public Page lockedJobs(Optional<String> payer, Optional<String> node, Optional<String> state, Optional<Long> after, int limit) {
        return page(LOCKED, "event_id", true, Where.all().andIf(payer, "x.payer = ?").andIf(node, "x.node_key = ?").andIf(state, "x.state = ?"), after, limit);
    }

    /// Jobs that their nodes settled by themselves, newest first.
    public Page directSettlements(Optional<String> payer, Optional<String> node, Optional<String> job, Optional<String> state, Optional<Long> after, int limit) {
        return page(DIRECT, "event_id", true, Where.all().andIf(payer, "x.payer = ?").andIf(node, "x.node_key = ?").andIf(job, "x.job = ?")
            .andIf(state, "x.state = ?"), after, limit);
    }

    /// Disputes about receipts, newest first.
    public Page disputes(Optional<String> node, Optional<String> accuser, Optional<String> state, Optional<Long> after, int limit) {
        return page(DISPUTE, "event_id", true, Where.all().andIf(node, "x.node_key = ?").andIf(accuser, "x.accuser = ?").andIf(state, "x.state = ?"), after, limit);
    }

    /// The open disputes of a node, newest first.
    public ArrayNode openDisputesOf(String nodeKey, int limit) {
        return rows("select " + DISPUTE + " where x.node_key = ? and x.state = 'open' order by x.event_id desc limit ?", List.of(nodeKey, limit));
    }

    /// Exact payments under a reference, newest first.
    public Page payments(Optional<String> payer, Optional<String> reference, Optional<Long> after, int limit) {
        return page(PAYMENT, "event_id", true, Where.all().andIf(payer, "x.payer = ?").andIf(reference, "x.reference = ?"), after, limit);
    }

    /// Nodes in the order of their registration.
    public Page nodes(Optional<String> state, Optional<Long> after, int limit) {
        return page(NODE, "event_id", false, Where.all().andIf(state, "x.state = ?"), after, limit);
    }

    /// Validators in the order of their registration.
    public Page validators(Optional<String> state, Optional<Long> after, int limit) {
        return page(VALIDATOR, "event_id", false, Where.all().andIf(state, "x.state = ?"), after, limit);
    }

    /// Registry configurations in the order of their making.
    public Page registries(Optional<Long> after, int limit) {
        return page(REGISTRY, "event_id", false, Where.all(), after, limit);
    }

    /// Models in the order of their registration.
    public Page models(Optional<String> state, Optional<Long> after, int limit) {
        return page(MODEL, "event_id", false, Where.all().andIf(state, "x.state = ?"), after, limit);
    }

    /// A node by its key or its account's address. Under several registry configurations the oldest registration is meant.
    public Optional<ObjectNode> node(String key) {
        return one(NODE, "x.node_key = ? or x.address = ? order by x.event_id", key, key);
    }

    /// What a node has earned per pool, by the last final batch whose content is known.
    public ArrayNode earnings(String nodeKey) {
        return rows(LATEST + "select p.address as \"pool\", p.mint as \"mint\", p.decimals as \"decimals\", coalesce(r.cumulative, 0) as \"credited\","
            + " coalesce(c.claimed, 0) as \"claimed\", l.seq as \"asOfSeq\" from pool p join latest l on l.pool = p.address"
            + " left join credit r on r.batch = l.batch and r.payee = ? and r.kind = 1 left join claim c on c.pool = p.address and c.payee = ? and c.kind = 1"
            + " where r.payee is not null or c.payee is not null order by p.event_id", List.of(nodeKey, nodeKey));
    }

    /// What was taken of the bonds at a node's account, of earlier registrations too, oldest first.
    public ArrayNode slashesOf(String address) {
        return rows("select x.slot as \"slot\", x.body ->> 'amount' as \"amount\", x.body ->> 'evidenceHash' as \"evidenceHash\", x.signature as \"signature\""
            + " from event x where x.type = 'NodeSlashed' and x.accounts @> array[?]::text[] order by x.id", List.of(address));
    }

    /// What each batch that nobody can void any more says that a node did, by tier.
    ///
    /// @param since only batches posted after this slot
    /// @param slot only batches whose window has ended by this slot
    public ArrayNode workOf(String nodeKey, long since, long slot) {
        return rows("select b.pool as \"pool\", b.posted_slot as \"postedSlot\", b.final_slot as \"finalSlot\", count(*) filter (where j.tier = 'open') as \"open\","
            + " count(*) filter (where j.tier = 'verified') as \"verified\", count(*) filter (where j.tier = 'confidential') as \"confidential\""
            + " from job j join batch b on b.address = j.batch where j.node = ? and b.state <> 'void' and b.posted_slot > ? and b.final_slot <= ? group by b.address",
            List.of(nodeKey, since, slot));
    }

    /// The pools of a registry's markets, with how many such batches of theirs have a content that is not known here.
    public ArrayNode poolsUnder(String config, long since, long slot) {
        return rows("select p.address as \"pool\", p.market as \"market\", p.mint as \"mint\", (select count(*) from batch b left join batch_content k on k.batch = b.address"
            + " and k.state = 'verified' where b.pool = p.address and b.state <> 'void' and b.posted_slot > ? and b.final_slot <= ? and b.receipts_count > 0 and k.batch is null)"
            + " as \"unknownBatches\" from pool p join market m on m.address = p.market where m.registry_config = ? order by p.event_id", List.of(since, slot, config));
    }

    /// Escrows, newest first.
    public Page escrows(Optional<String> payer, Optional<String> state, Optional<Long> after, int limit) {
        return page(ESCROW, "event_id", true, Where.all().andIf(payer, "x.payer = ?").andIf(state, "x.state = ?"), after, limit);
    }

    /// Batches, newest first.
    public Page batches(Optional<String> mint, Optional<String> state, Optional<Long> after, int limit) {
        return page(BATCH, "event_id", true, Where.all().andIf(mint, "p.mint = ?").andIf(state, "x.state = ?"), after, limit);
    }

    /// A batch by mint and sequence, in a given market or, without one, in the market made first.
    public Optional<ObjectNode> batch(Optional<String> market, String mint, String seq) {
        return one(BATCH, "p.mint = ? and x.seq = ?::numeric and p.market = coalesce(?, (select address from market order by event_id limit 1))", mint, seq,
            market);
    }

    /// The first jobs of a batch, in the order of its tree.
    public ArrayNode jobsOf(String batch, int limit) {
        return rows("select " + JOB + " where x.batch = ? order by x.leaf limit ?", List.of(batch, limit));
    }

    /// The credits of a batch, in the order of its tree.
    public ArrayNode creditsOf(String batch, int limit) {
        return rows("select r.payee as \"payee\", r.kind as \"kindCode\", r.cumulative as \"cumulative\", coalesce(c.claimed, 0) as \"claimed\", r.leaf as \"leaf\""
            + " from credit r join batch b on b.address = r.batch left join claim c on c.pool = b.pool and c.payee = r.payee and c.kind = r.kind"
            + " where r.batch = ? order by r.leaf limit ?", List.of(batch, limit));
    }

    /// Jobs under batches on chain, newest first.
    public Page jobs(Optional<String> node, Optional<String> tier, Optional<Long> after, int limit) {
        return page(JOB, "row_id", true, Where.all().andIf(node, "x.node = ?").andIf(tier, "x.tier = ?"), after, limit);
    }

    /// A job by its id; where a voided batch had it first, the later one is meant.
    public Optional<ObjectNode> job(String id) {
        return one(JOB, "x.job = ? order by b.state = 'void', x.row_id desc", id);
    }

    /// Payouts, newest first.
    public Page claims(Optional<String> payee, Optional<Long> after, int limit) {
        return page(CLAIM, "id", true, Where.all().and("x.type = 'Claimed'").andIf(payee, "x.body ->> 'payee' = ?"), after, limit);
    }

    /// Events, newest first.
    public Page events(Optional<String> type, Optional<String> account, Optional<Long> after, int limit) {
        return page(EVENT, "id", true, Where.all().andIf(type, "x.type = ?").andIf(account, "x.accounts @> array[?]::text[]"), after, limit);
    }

    /// Events after one, oldest first: what a live reader missed.
    public Page eventsSince(long id, int limit) {
        return page(EVENT, "id", false, Where.all(), Optional.of(id), limit);
    }

    /// How many events there are, and the last event's slot.
    public ObjectNode eventCount() {
        return (ObjectNode) rows("select count(*) as \"events\", max(slot) as \"lastSlot\", max(id) as \"lastId\","
            + " (select count(*) from decode_failure) as \"decodeFailures\" from event", List.of()).get(0);
    }

    /// The decimals of a mint that has a pool.
    public Optional<Integer> decimals(String mint) {
        ArrayNode rows = rows("select decimals as \"decimals\" from pool where mint = ? limit 1", List.of(mint));
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0).get("decimals").intValue());
    }

    /// The frontier of each program.
    public ArrayNode frontiers() {
        return rows("select program as \"program\", signature as \"signature\", slot as \"slot\", ordinal as \"transactions\" from frontier order by program",
            List.of());
    }

    /// All escrows of a wallet, at most `limit`, newest first.
    public ArrayNode escrowsOf(String wallet, int limit) {
        return rows("select " + ESCROW + " where x.payer = ? order by x.event_id desc limit ?", List.of(wallet, limit));
    }

    /// The sums of a wallet's escrows per mint.
    public ArrayNode depositsOf(String wallet) {
        return rows("select e.pool as \"pool\", e.mint as \"mint\", p.decimals as \"decimals\", sum(e.deposited)::numeric as \"deposited\","
            + " sum(e.settled)::numeric as \"settled\", sum(e.returned)::numeric as \"returned\","
            + " sum(e.deposited - e.settled - e.returned)::numeric as \"available\" from escrow e join pool p on p.address = e.pool"
            + " where e.payer = ? group by e.pool, e.mint, p.decimals order by e.mint", List.of(wallet));
    }

    /// What a wallet is credited with and has been paid: as a payee itself, and as payout, operator or key of nodes. `credited` is by the last final batch
    /// of each pool whose content is known, `pending` what the batch in its window adds.
    public ArrayNode creditsOfWallet(String wallet) {
        return rows(LATEST + ", posted as (select distinct on (b.pool) b.pool, b.address as batch from batch b join batch_content k on k.batch = b.address"
            + " and k.state = 'verified' where b.state = 'posted' order by b.pool, b.seq desc),"
            + " payee as (select node_key as payee, 1 as kind from node where payout = ? or operator = ? or node_key = ?"
            + " union select ?, kind from generate_series(2, 5) as kind)"
            + " select p.address as \"pool\", p.mint as \"mint\", p.decimals as \"decimals\", y.payee as \"payee\", y.kind as \"kindCode\","
            + " coalesce(r.cumulative, 0) as \"credited\", greatest(coalesce(w.cumulative, 0) - coalesce(r.cumulative, 0), 0) as \"pending\","
            + " coalesce(c.claimed, 0) as \"claimed\", greatest(coalesce(r.cumulative, 0) - coalesce(c.claimed, 0), 0) as \"claimable\", l.seq as \"asOfSeq\","
            + " p.final_seq as \"finalSeq\" from pool p cross join payee y left join latest l on l.pool = p.address left join posted o on o.pool = p.address"
            + " left join credit r on r.batch = l.batch and r.payee = y.payee and r.kind = y.kind"
            + " left join credit w on w.batch = o.batch and w.payee = y.payee and w.kind = y.kind"
            + " left join claim c on c.pool = p.address and c.payee = y.payee and c.kind = y.kind"
            + " where r.payee is not null or w.payee is not null or c.payee is not null order by p.event_id, y.kind, y.payee",
            List.of(wallet, wallet, wallet, wallet));
    }

    private ArrayNode rows(String sql, List<?> arguments) {
        try (Connection connection = database.getConnection(); PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int at = 0; at < arguments.size(); at++) {
                switch (arguments.get(at)) {
                    case Optional<?> optional -> statement.setString(at + 1, (String) optional.orElse(null));
                    case Object value -> statement.setObject(at + 1, value);
                }
            }
            ArrayNode rows = JSON.createArrayNode();
            try (ResultSet row = statement.executeQuery()) {
                ResultSetMetaData columns = row.getMetaData();
                while (row.next()) {
                    ObjectNode object = rows.addObject();
                    for (int column = 1; column <= columns.getColumnCount(); column++) {
                        put(object, columns.getColumnLabel(column), columns, row, column);
                    }
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new StoreException("the mirror cannot be read", e);
        }
    }

    private static void put(ObjectNode object, String name, ResultSetMetaData columns, ResultSet row, int column) throws SQLException {
        if (row.getObject(column) == null) {
            object.putNull(name);
            return;
        }
        switch (columns.getColumnType(column)) {
            // The domain u64 is reported as what it is made of or as distinct.
            case Types.NUMERIC, Types.DISTINCT -> object.put(name, row.getBigDecimal(column).toBigInteger().toString());
            case Types.BIGINT, Types.INTEGER, Types.SMALLINT -> object.put(name, row.getLong(column));
            case Types.BOOLEAN, Types.BIT -> object.put(name, row.getBoolean(column));
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> object.put(name, row.getTimestamp(column).toInstant().toString());
            case Types.ARRAY -> {
                ArrayNode array = object.putArray(name);
                for (String text : (String[]) row.getArray(column).getArray()) {
                    array.add(text);
                }
            }
            default -> {
                if (columns.getColumnTypeName(column).equals("jsonb")) {
                    try {
                        object.set(name, JSON.readTree(row.getString(column)));
                    } catch (JsonProcessingException e) {
                        throw new StoreException("the database gave JSON that cannot be read", e);
                    }
                } else {
                    object.put(name, row.getString(column));
                }
            }
        }
    }
}
