package network.nyxos.gateway.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.transaction.UnsignedTransaction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/// Every rule of the exact scheme, broken one at a time in a payment that is good otherwise.
class ExactRulesTest {
    private static final PublicKey LIGHTHOUSE = PublicKey.fromBase58Encoded("L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95");
    private static final long AMOUNT = 1_234;
    private static final String MEMO = "nyx1.abc.def";

    private final Keypair sponsor = Keypair.generate();
    private final Keypair payer = Keypair.generate();
    private final PublicKey mint = Keypair.generate().publicKey();
    private final PublicKey pool = Keypair.generate().publicKey();
    private final ExactRules rules = new ExactRules(sponsor.publicKey(), SponsorPolicy.DEFAULT);

    private Requirements required() {
        return new Requirements("exact", Network.DEVNET.caip2(), AMOUNT, mint, pool, 60,
            JsonNodeFactory.instance.objectNode().put("feePayer", sponsor.publicKey().toBase58()).put("memo", MEMO));
    }

    private Requirements withoutMemo() {
        ObjectNode extra = JsonNodeFactory.instance.objectNode().put("feePayer", sponsor.publicKey().toBase58());
        return new Requirements("exact", Network.DEVNET.caip2(), AMOUNT, mint, pool, 60, extra);
    }

    private Instruction transfer(PublicKey toOwner, PublicKey ofMint, long amount) {
        return Tokens.transferChecked(Tokens.associated(payer.publicKey(), ofMint, WellKnown.TOKEN), ofMint, Tokens.associated(toOwner, ofMint, WellKnown.TOKEN),
            payer.publicKey(), amount, 6, WellKnown.TOKEN);
    }

    private List<Instruction> good() {
        return new ArrayList<>(List.of(BuiltIn.computeUnitLimit(20_000), BuiltIn.computeUnitPrice(1), transfer(pool, mint, AMOUNT), BuiltIn.memo(MEMO)));
    }

    private List<Instruction> with(int index, Instruction instruction) {
        List<Instruction> changed = good();
        changed.set(index, instruction);
        return changed;
    }

    private List<Instruction> and(Instruction... more) {
        return Stream.concat(good().stream(), Arrays.stream(more)).toList();
    }

    private byte[] bytes(List<Instruction> instructions, Keypair... signers) {
        UnsignedTransaction unsigned = TransactionBuilder.legacy(sponsor.publicKey()).addAll(instructions).compile(Hash.sha256(new byte[] {1}));
        Keypair[] needed = Stream.concat(Stream.of(payer), Arrays.stream(signers)).distinct().filter(key -> unsigned.signers().contains(key.publicKey())).toArray(Keypair[]::new);
        return unsigned.signPartly(needed).bytes();
    }

    private static ObjectNode payload(byte[] transaction) {
        return JsonNodeFactory.instance.objectNode().put("transaction", Base64.getEncoder().encodeToString(transaction));
    }

    private ExactPayment check(List<Instruction> instructions) {
        return rules.check(payload(bytes(instructions)), required());
    }

    private void refused(byte[] transaction, String code) {
        assertThatThrownBy(() -> rules.check(payload(transaction), required())).isInstanceOfSatisfying(PaymentException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void refused(List<Instruction> instructions, String code) {
        refused(bytes(instructions), code);
    }

    private Instruction signedMemo() {
        return call(WellKnown.MEMO, "x".getBytes(), AccountMeta.createReadOnlySigner(payer.publicKey()));
    }

    private static Instruction call(PublicKey program, byte[] data, AccountMeta... accounts) {
        return Instruction.createInstruction(program, List.of(accounts), data);
    }

    @Test
    void aGoodPaymentPasses() {
        ExactPayment payment = check(good());

        assertThat(payment.payer()).isEqualTo(payer.publicKey());
        assertThat(payment.amount()).isEqualTo(AMOUNT);
        assertThat(payment.memo()).contains(MEMO);
        assertThat(payment.messageHash()).isEqualTo(Hash.sha256(payment.transaction().message()));
    }

    @Test
    void theSponsorsSlotDoesNotChangeWhatAPaymentIsCalled() {
        byte[] first = bytes(good());
        byte[] second = first.clone();
        second[1] ^= 1;

        assertThat(rules.check(payload(first), required()).messageHash()).isEqualTo(rules.check(payload(second), required()).messageHash());
    }

    @Test
    void threeInstructionsWithoutMemoPassWhereNoMemoIsAskedFor() {
        assertThat(rules.check(payload(bytes(good().subList(0, 3))), withoutMemo()).memo()).isEmpty();
    }

    @Test
    void theFeePayerMustBeNamedAndOurs() {
        Requirements none = new Requirements("exact", "n", AMOUNT, mint, pool, 60, JsonNodeFactory.instance.objectNode());
        Requirements foreign = required().withExtra("feePayer", mint.toBase58());

        assertThatThrownBy(() -> rules.check(payload(bytes(good())), none)).extracting("code").isEqualTo(PaymentError.NO_FEE_PAYER);
        assertThatThrownBy(() -> rules.check(payload(bytes(good())), foreign)).extracting("code").isEqualTo(PaymentError.FOREIGN_FEE_PAYER);
    }

    @Test
    void aTransactionPaidForByAnotherIsRefused() {
        byte[] own = TransactionBuilder.legacy(payer.publicKey()).addAll(good()).compile(Hash.ZERO).signPartly(payer).bytes();
        refused(own, PaymentError.FEE_PAYER);
    }

    @Test
    void bytesThatAreNoTransactionAreRefused() {
        byte[] good = bytes(good());
        refused(Arrays.copyOf(good, good.length + 1), PaymentError.UNDECODABLE);
        refused(Arrays.copyOf(good, good.length - 1), PaymentError.UNDECODABLE);
        refused(new byte[1_233], PaymentError.UNDECODABLE);
        assertThatThrownBy(() -> rules.check(JsonNodeFactory.instance.objectNode(), required())).extracting("code").isEqualTo(PaymentError.NO_TRANSACTION);
        assertThatThrownBy(() -> rules.check(JsonNodeFactory.instance.objectNode().put("transaction", "%"), required())).extracting("code").isEqualTo(PaymentError.UNDECODABLE);
    }

    @Test
    void aThirdSignerIsRefused() {
        Keypair third = Keypair.generate();
        Instruction memo = call(WellKnown.MEMO, MEMO.getBytes(), AccountMeta.createReadOnlySigner(third.publicKey()));
        refused(bytes(with(3, memo), payer, third), PaymentError.SIGNERS);
    }

    @Test
    void thePayersSignatureIsVerifiedBeforeAnythingElseIsAsked() {
        byte[] forged = bytes(good());
        forged[1 + 64 + 5] ^= 1;
        refused(forged, PaymentError.SIGNATURE);
        refused(TransactionBuilder.legacy(sponsor.publicKey()).addAll(good()).compile(Hash.ZERO).signPartly().bytes(), PaymentError.SIGNATURE);
    }

    @Test
    void tooFewOrTooManyInstructionsAreRefused() {
        refused(List.of(BuiltIn.computeUnitLimit(1), signedMemo()), PaymentError.LENGTH);
        refused(and(BuiltIn.memo("a"), BuiltIn.memo("b"), BuiltIn.memo("c"), BuiltIn.memo("d")), PaymentError.LENGTH);
    }

    @Test
    void theBudgetComesFirstAndExactly() {
        refused(with(0, BuiltIn.computeUnitPrice(1)), PaymentError.LIMIT);
        refused(with(0, call(WellKnown.COMPUTE_BUDGET, new byte[] {2, 0, 1, 0, 0, 0})), PaymentError.LIMIT);
        refused(with(0, call(WellKnown.COMPUTE_BUDGET, new byte[] {2, 0, 1, 0, 0}, AccountMeta.createRead(payer.publicKey()))), PaymentError.LIMIT);
        refused(with(1, BuiltIn.computeUnitLimit(1)), PaymentError.PRICE);
        refused(with(1, call(WellKnown.COMPUTE_BUDGET, new byte[] {3, 1, 0, 0, 0, 0, 0, 0, 0, 0})), PaymentError.PRICE);
    }

    @Test
    void theSponsorsLamportsAreBounded() {
        refused(with(0, BuiltIn.computeUnitLimit(400_001)), PaymentError.LIMIT_TOO_HIGH);
        refused(with(1, BuiltIn.computeUnitPrice(5_000_001)), PaymentError.PRICE_TOO_HIGH);
        refused(with(1, call(WellKnown.COMPUTE_BUDGET, new byte[] {3, -1, -1, -1, -1, -1, -1, -1, -1})), PaymentError.PRICE_TOO_HIGH);
        refused(with(1, BuiltIn.computeUnitPrice(50_001)), PaymentError.PRICE_TOO_HIGH);
        assertThat(check(with(1, BuiltIn.computeUnitPrice(50_000))).amount()).as("20000 units at 50000 cost 1000 lamports beside the signatures").isEqualTo(AMOUNT);
    }

    @Test
    void theTransferIsOneTransferCheckedToThePoolsAccount() {
        refused(with(2, signedMemo()), PaymentError.NO_TRANSFER);
        refused(with(2, call(WellKnown.TOKEN, new byte[] {3, 1, 0, 0, 0, 0, 0, 0, 0}, AccountMeta.createWrite(mint), AccountMeta.createWrite(pool),
            AccountMeta.createReadOnlySigner(payer.publicKey()))), PaymentError.NO_TRANSFER);
        refused(with(2, transfer(pool, Keypair.generate().publicKey(), AMOUNT)), PaymentError.MINT);
        refused(with(2, transfer(Keypair.generate().publicKey(), mint, AMOUNT)), PaymentError.RECIPIENT);
        refused(with(2, transfer(pool, mint, AMOUNT - 1)), PaymentError.AMOUNT);
        refused(with(2, transfer(pool, mint, AMOUNT + 1)), PaymentError.AMOUNT);
        refused(and(transfer(pool, mint, AMOUNT)), PaymentError.UNKNOWN_INSTRUCTION);
    }

    @Test
    void aTransferWithMoreAccountsOrDataIsRefused() {
        Instruction plain = transfer(pool, mint, AMOUNT);
        List<AccountMeta> more = new ArrayList<>(plain.accounts());
        more.add(AccountMeta.createRead(pool));
        byte[] data = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).put((byte) 12).putLong(AMOUNT).put((byte) 6).array();
        refused(with(2, Instruction.createInstruction(WellKnown.TOKEN, more, data)), PaymentError.NO_TRANSFER);
        refused(with(2, Instruction.createInstruction(WellKnown.TOKEN, plain.accounts(), Arrays.copyOf(data, 11))), PaymentError.NO_TRANSFER);
    }

    @Test
    void theSponsorIsInNoInstruction() {
        PublicKey self = sponsor.publicKey();
        refused(with(2, Tokens.transferChecked(Tokens.associated(self, mint, WellKnown.TOKEN), mint, Tokens.associated(pool, mint, WellKnown.TOKEN), self, AMOUNT, 6,
            WellKnown.TOKEN)), PaymentError.SIGNERS);
        refused(with(3, call(WellKnown.MEMO, MEMO.getBytes(), AccountMeta.createReadOnlySigner(self))), PaymentError.SPONSOR_TRANSFERS);
    }

    @Test
    void onlyMemoAndAssertionsStandBesideTheTransfer() {
        refused(and(BuiltIn.transferLamports(payer.publicKey(), pool, 1)), PaymentError.UNKNOWN_INSTRUCTION);
        refused(and(Tokens.createAssociated(payer.publicKey(), pool, mint, WellKnown.TOKEN)), PaymentError.UNKNOWN_INSTRUCTION);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 9, 17})
    void walletsAssertionsMayNameTheSponsor(int discriminator) {
        Instruction guard = call(LIGHTHOUSE, new byte[] {(byte) discriminator, 0, 0}, AccountMeta.createRead(sponsor.publicKey()));
        List<Instruction> guarded = good();
        guarded.add(2, guard);
        guarded.add(2, guard);
        guarded.add(2, guard);
        guarded.add(guard);

        assertThat(check(guarded).amount()).isEqualTo(AMOUNT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 18, 255})
    void whatWritesOrIsUnknownInLighthouseIsRefused(int discriminator) {
        refused(and(call(LIGHTHOUSE, new byte[] {(byte) discriminator, 0, 0}, AccountMeta.createWritableSigner(sponsor.publicKey()))), PaymentError.UNKNOWN_INSTRUCTION);
        refused(and(call(LIGHTHOUSE, new byte[0])), PaymentError.UNKNOWN_INSTRUCTION);
    }

    @Test
    void theMemoIsTheOneAskedFor() {
        refused(good().subList(0, 3), PaymentError.MEMO_COUNT);
        refused(and(BuiltIn.memo(MEMO)), PaymentError.MEMO_COUNT);
        refused(with(3, BuiltIn.memo("nyx1.abc.deg")), PaymentError.MEMO);
    }

    @Test
    void legacyCodesHaveTheirShortForms() {
        assertThat(PaymentError.inVersion(PaymentError.SIMULATION, 1)).isEqualTo("transaction_simulation_failed");
        assertThat(PaymentError.inVersion(PaymentError.NETWORK, 1)).isEqualTo("network_mismatch");
        assertThat(PaymentError.inVersion(PaymentError.SIMULATION, 2)).isEqualTo("invalid_exact_svm_transaction_simulation_failed");
    }
}
