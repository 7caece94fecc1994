package network.nyxos.indexer.follow;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.Job;
import network.nyxos.escrow.program.escrow.Leaf;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Payment;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.escrow.Poster;
import network.nyxos.escrow.program.escrow.Terms;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.Validator;
import network.nyxos.escrow.program.registry.VerifierProposal;
import network.nyxos.indexer.project.AccountState;
import network.nyxos.indexer.project.BatchState;
import network.nyxos.indexer.project.BondState;
import network.nyxos.indexer.project.DirectState;
import network.nyxos.indexer.project.EscrowState;
import network.nyxos.indexer.project.LockedJobState;
import network.nyxos.indexer.project.ModelState;
import network.nyxos.indexer.project.PosterState;
import network.nyxos.indexer.project.ProposalState;
import network.nyxos.indexer.project.TermsState;
import software.sava.core.accounts.PublicKey;

/// What an account on chain says, under the names and in the values of the projected rows' columns. Left out is what no event tells: bumps, who paid a
/// node's, batch's, claim's or proposal's rent.
///
/// @param table the table of the projected row
/// @param fields columns by name
record AccountFields(String table, SequencedMap<String, Object> fields) {
    private static final class Fields {
        private final SequencedMap<String, Object> values = new LinkedHashMap<>();

        Fields with(String name, Object value) {
            values.put(name, value instanceof PublicKey key ? key.toBase58() : value);
            return this;
        }

        Fields u64(String name, long bits) {
            return with(name, new BigInteger(Long.toUnsignedString(bits)));
        }

        AccountFields of(String table) {
            return new AccountFields(table, values);
        }
    }

    private static Optional<String> given(PublicKey key) {
        return key.equals(PublicKey.NONE) ? Optional.empty() : Optional.of(key.toBase58());
    }

    /// Reads an account of the registry; empty when it is of no kind that is known.
    ///
    /// @throws network.nyxos.escrow.borsh.BorshException when it is of a known kind and malformed
    static Optional<AccountFields> ofRegistry(byte[] data) {
        if (Config.matches(data)) {
            Config a = Config.decode(data);
            return Optional.of(new Fields().with("id", a.id()).with("creator", a.creator()).with("authority", a.authority()).with("bond_mint", a.bondMint())
                .u64("min_bond", a.minBond()).u64("min_validator_bond", a.minValidatorBond()).u64("unbonding_slots", a.unbondingSlots())
                .u64("node_count", a.nodeCount()).u64("validator_count", a.validatorCount()).with("threshold", a.threshold())
                .with("verifiers", a.verifiers().stream().limit(a.verifierCount()).map(PublicKey::toBase58).toList())
                .with("pending_authority", given(a.pendingAuthority())).with("paused", a.paused() != 0).u64("answer_slots", a.answerSlots())
                .of("registry_config"));
        }
        if (VerifierProposal.matches(data)) {
            VerifierProposal a = VerifierProposal.decode(data);
            return Optional.of(new Fields().with("target", a.target()).with("rent_payer", a.rentPayer())
                .with("state", AccountState.ofCode(ProposalState.class, a.state()).wireName()).u64("effective_slot", a.effectiveSlot())
                .with("threshold", a.threshold()).with("verifiers", a.verifiers().stream().limit(a.verifierCount()).map(PublicKey::toBase58).toList())
                .of("registry_proposal"));
        }
        if (Node.matches(data)) {
            Node a = Node.decode(data);
            return Optional.of(new Fields().with("config", a.config()).with("node_key", a.nodeKey()).with("operator", a.operator()).with("payout", a.payout())
                .with("receipt_key", a.receiptKey()).with("sealing_key", given(a.sealingKey())).with("tiers", a.tiers())
                .with("state", AccountState.ofCode(BondState.class, a.state()).wireName()).u64("bond", a.bond()).u64("unbond_slot", a.unbondSlot())
                .u64("registered_slot", a.registeredSlot()).with("attestation_kind", a.attestationKind())
                .u64("attestation_expiry_slot", a.attestationExpirySlot()).with("attestation_quote_hash", a.attestationQuoteHash().hex())
                .with("attestation_measurement", HexFormat.of().formatHex(a.attestationMeasurement())).u64("slashed_total", a.slashedTotal())
                .u64("attestation_floor_slot", a.attestationFloorSlot())
                .with("revoked_quote_hash", Optional.of(a.revokedQuoteHash()).filter(hash -> !hash.equals(Hash.ZERO)).map(Hash::hex))
                .with("open_disputes", a.openDisputes()).of("node"));
        }
        if (Validator.matches(data)) {
            Validator a = Validator.decode(data);
            return Optional.of(new Fields().with("config", a.config()).with("validator_key", a.validatorKey()).with("operator", a.operator())
                .with("payout", a.payout()).with("state", AccountState.ofCode(BondState.class, a.state()).wireName()).u64("bond", a.bond())
                .u64("unbond_slot", a.unbondSlot()).u64("registered_slot", a.registeredSlot()).u64("slashed_total", a.slashedTotal())
                .with("rent_payer", a.rentPayer()).of("validator"));
        }
        if (Dispute.matches(data)) {
            Dispute a = Dispute.decode(data);
            return Optional.of(new Fields().with("config", a.config()).with("node", a.node()).with("node_key", a.nodeKey()).with("accuser", a.accuser())
                .with("rent_payer", a.rentPayer()).with("receipt_hash", a.receiptHash().hex()).with("model_id", a.modelId().hex())
                .with("tokens_in", a.tokensIn()).with("tokens_out", a.tokensOut()).u64("stake", a.stake()).u64("opened_slot", a.openedSlot())
                .u64("deadline_slot", a.deadlineSlot()).with("phase", a.phase()).with("level", a.level()).with("vector", a.vector())
                .with("place_hash", a.placeHash().hex()).with("place_first", a.placeFirst()).with("place_count", a.placeCount()).of("dispute"));
        }
        if (Model.matches(data)) {
            Model a = Model.decode(data);
            return Optional.of(new Fields().with("config", a.config()).with("model_id", a.modelId().hex()).with("publisher", a.publisher())
                .with("payee", a.payee()).with("state", AccountState.ofCode(ModelState.class, a.state()).wireName()).with("royalty_bps", a.royaltyBps())
                .with("pending_royalty_bps", a.pendingRoyaltyBps()).u64("pending_slot", a.pendingSlot()).u64("registered_slot", a.registeredSlot())
                .with("measurements", a.measurements().stream().limit(a.measurementCount()).map(one -> HexFormat.of().formatHex(one.bytes())).toList())
                .of("model"));
        }
        return Optional.empty();
    }

    /// Reads an account of the escrow program; empty when it is of no kind that is known.
    ///
    /// @throws network.nyxos.escrow.borsh.BorshException when it is of a known kind and malformed
    static Optional<AccountFields> ofEscrow(byte[] data) {
        if (Market.matches(data)) {
            Market a = Market.decode(data);
            Optional<String> nominee = a.nominee().equals(PublicKey.NONE) ? Optional.empty() : Optional.of(a.nominee().toBase58());
            return Optional.of(new Fields().with("cluster", a.cluster().hex()).with("creator", a.creator()).with("id", a.id()).with("authority", a.authority())
                .with("operator", a.operator()).with("treasury", a.treasury()).with("fee_bps", a.feeBps()).u64("challenge_slots", a.challengeSlots())
                .u64("exit_slots", a.exitSlots()).u64("direct_slots", a.directSlots()).with("bond_mint", a.bondMint())
                .u64("min_poster_bond", a.minPosterBond()).with("registry_program", a.registryProgram())
                .with("registry_config", a.registryConfig()).with("threshold", a.threshold())
                .with("verifiers", a.verifiers().stream().limit(a.verifierCount()).map(PublicKey::toBase58).toList())
                .with("paused", a.paused()).with("nominee", nominee).with("gateways", given(a.gateways())).of("market"));
        }
        if (Terms.matches(data)) {
            Terms a = Terms.decode(data);
            return Optional.of(new Fields().with("market", a.market()).with("state", TermsState.PROPOSED.wireName()).with("fee_bps", a.feeBps())
                .u64("challenge_slots", a.challengeSlots()).u64("exit_slots", a.exitSlots()).u64("direct_slots", a.directSlots())
                .u64("min_poster_bond", a.minPosterBond()).u64("apply_slot", a.applySlot()).with("threshold", a.threshold())
                .with("verifiers", a.verifiers().stream().limit(a.verifierCount()).map(PublicKey::toBase58).toList())
                .with("gateways", given(a.gateways())).of("terms"));
        }
        if (Pool.matches(data)) {
            Pool a = Pool.decode(data);
            return Optional.of(new Fields().with("market", a.market()).with("mint", a.mint()).with("token_program", a.tokenProgram()).with("vault", a.vault())
                .with("deposit_vault", a.depositVault()).with("decimals", a.decimals()).u64("deposited", a.deposited()).u64("settled", a.settled())
                .u64("exited", a.exited()).u64("inflow", a.inflow()).u64("credited", a.credited()).u64("claimed", a.claimed()).u64("next_seq", a.nextSeq())
                .u64("pending_seq", a.pendingSeq()).u64("final_seq", a.finalSeq()).u64("last_post_slot", a.lastPostSlot())
                .u64("uncollected", a.uncollected()).u64("direct", a.direct()).of("pool"));
        }
        if (Escrow.matches(data)) {
            Escrow a = Escrow.decode(data);
            return Optional.of(new Fields().with("market", a.market()).with("payer", a.payer()).with("mint", a.mint()).with("session_key", a.sessionKey())
                .with("rent_payer", a.rentPayer()).with("state", AccountState.ofCode(EscrowState.class, a.state()).wireName()).u64("deposited", a.deposited())
                .u64("settled", a.settled()).u64("collected", a.collected()).u64("open_slot", a.openSlot()).u64("exit_slot", a.exitSlot())
                .with("session_expires", a.sessionExpires()).u64("session_limit", a.sessionLimit()).with("operator", a.operator())
                .with("prepaid", a.prepaid() != 0).of("escrow"));
        }
        if (Job.matches(data)) {
            Job a = Job.decode(data);
            return Optional.of(new Fields().with("pool", a.pool()).with("payer", a.payer()).with("node_key", a.nodeKey()).with("rent_payer", a.rentPayer())
                .with("state", AccountState.ofCode(LockedJobState.class, a.state()).wireName()).with("terms_hash", a.termsHash().hex())
                .with("fee_bps", a.feeBps()).u64("amount", a.amount()).u64("released", a.released()).u64("open_slot", a.openSlot())
                .u64("deadline_slot", a.deadlineSlot()).of("locked_job"));
        }
        if (Payment.matches(data)) {
            Payment a = Payment.decode(data);
            return Optional.of(new Fields().with("pool", a.pool()).with("payer", a.payer()).with("rent_payer", a.rentPayer())
                .with("reference", a.reference().hex()).u64("amount", a.amount()).u64("paid_slot", a.slot()).of("payment"));
        }
        if (Direct.matches(data)) {
            Direct a = Direct.decode(data);
            return Optional.of(new Fields().with("pool", a.pool()).with("escrow", a.escrow()).with("job", a.job().hex()).with("node_key", a.nodeKey())
                .with("payer", a.payer()).with("rent_payer", a.rentPayer()).with("state", AccountState.ofCode(DirectState.class, a.state()).wireName())
                .with("receipt_hash", a.receiptHash().hex()).u64("charge", a.charge()).u64("fee", a.fee()).u64("settled_slot", a.slot())
                .u64("final_slot", a.finalSlot()).of("direct"));
        }
        if (Batch.matches(data)) {
            Batch a = Batch.decode(data);
            return Optional.of(new Fields().with("pool", a.pool()).u64("seq", a.seq()).with("state", AccountState.ofCode(BatchState.class, a.state()).wireName())
                .with("poster", a.poster()).with("receipts_root", a.receiptsRoot().hex()).with("receipts_count", a.receiptsCount())
                .with("credit_root", a.creditRoot().hex()).u64("credit_sum", a.creditSum()).with("payee_count", a.payeeCount())
                .u64("posted_slot", a.postedSlot()).u64("final_slot", a.finalSlot()).of("batch"));
        }
        if (Poster.matches(data)) {
            Poster a = Poster.decode(data);
            return Optional.of(new Fields().with("market", a.market()).with("operator", a.operator()).with("rent_payer", a.rentPayer())
                .with("state", AccountState.ofCode(PosterState.class, a.state()).wireName()).u64("bond", a.bond()).u64("unbond_slot", a.unbondSlot())
                .u64("locked_until", a.lockedUntil()).u64("slashed_total", a.slashedTotal()).of("poster"));
        }
        if (Leaf.matches(data)) {
            Leaf a = Leaf.decode(data);
            return Optional.of(new Fields().with("pool", a.pool()).u64("seq", a.seq()).with("prover", a.prover()).with("leaf_index", a.index())
                .with("payee", a.payee()).with("kind", a.kind()).u64("cumulative", a.cumulative()).of("leaf"));
        }
        if (Claim.matches(data)) {
            Claim a = Claim.decode(data);
            return Optional.of(new Fields().with("pool", a.pool()).with("payee", a.payee()).with("kind", a.kind()).u64("claimed", a.claimed())
                .u64("last_seq", a.lastSeq()).of("claim"));
        }
        return Optional.empty();
    }

    /// Keys of a list that is filled up with zero.
    private static List<String> given(List<PublicKey> keys) {
        return MarketCalls.named(keys).stream().map(PublicKey::toBase58).toList();
    }
}
