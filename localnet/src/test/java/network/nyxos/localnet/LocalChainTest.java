package network.nyxos.localnet;

import static network.nyxos.localnet.Transactions.signed;
import static network.nyxos.localnet.Transactions.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;

/** The chain in process: execution, the blockhash window, history, time. */
class LocalChainTest {

    private static final long SOL = LocalChain.LAMPORTS_PER_SOL;
    private static final long FEE = 5_000;

    private final Signer alice = Transactions.newSigner();
    private final PublicKey bob = Transactions.newSigner().publicKey();
    private LocalChain chain;

    @BeforeEach
    void start() {
        chain = LocalChain.start(ChainOptions.defaults().withManualSlots());
        chain.airdrop(alice.publicKey(), 10 * SOL);
    }

    @AfterEach
    void stop() {
        chain.close();
    }

    @Test
    void aTransferMovesLamportsAndChargesTheFee() {
        ExecutedTransaction executed = chain.send(transferTo(bob, SOL));

        assertThat(executed.execution().failure()).isEmpty();
        assertThat(executed.execution().fee()).isEqualTo(FEE);
        assertThat(executed.slot()).isEqualTo(chain.slot());
        assertThat(chain.balance(bob)).isEqualTo(SOL);
        assertThat(chain.balance(alice.publicKey())).isEqualTo(9 * SOL - FEE);
        assertThat(chain.transaction(executed.signature())).contains(executed);
    }

    @Test
    void aTransactionThatFailsIsRecordedAndChargedAndChangesNothingElse() {
        ExecutedTransaction executed = chain.send(transferTo(bob, 100 * SOL));

        assertThat(executed.execution().failure().map(TransactionFailure::json)).contains("{\"InstructionError\":[0,{\"Custom\":1}]}");
        assertThat(chain.balance(bob)).isZero();
        assertThat(chain.balance(alice.publicKey())).isEqualTo(10 * SOL - FEE);
    }

    @Test
    void simulationLeavesNoTrace() {
        byte[] wire = transferTo(bob, SOL);

        assertThat(chain.simulate(wire).succeeded()).isTrue();

        assertThat(chain.balance(bob)).isZero();
        assertThat(chain.send(wire).execution().succeeded()).isTrue();
    }

    @Test
    void aSecondCopyIsRefused() {
        byte[] wire = transferTo(bob, SOL);
        chain.send(wire);

        assertRefused(wire, "\"AlreadyProcessed\"");
        chain.advanceSlots(1);
        assertRefused(wire, "\"AlreadyProcessed\"");
        assertThat(chain.balance(bob)).isEqualTo(SOL);
    }

    @Test
    void aBlockhashIsValidUntilItsLastBlockHeightAndNotOneSlotLonger() {
        long last = chain.lastValidBlockHeight();
        byte[] inTime = transferTo(bob, SOL);
        byte[] late = transferTo(bob, 2 * SOL);

        chain.advanceSlots(last - chain.slot());
        assertThat(chain.send(inTime).slot()).isEqualTo(last);
        chain.advanceSlots(1);
        assertRefused(late, "\"BlockhashNotFound\"");
    }

    @Test
    void aForgedSignatureIsRefused() {
        byte[] wire = transferTo(bob, SOL);
        wire[10] ^= 1;

        assertRefused(wire, "\"SignatureFailure\"");
        assertThat(chain.balance(alice.publicKey())).isEqualTo(10 * SOL);
    }

    @Test
    void aPayerWithoutLamportsIsRefused() {
        Signer poor = Transactions.newSigner();

        assertRefused(signed(chain.latestBlockhash(), poor, transfer(poor.publicKey(), bob, 1)), "\"AccountNotFound\"");
    }

    @Test
    void bytesThatAreNoTransactionAreRefusedWithTheReason() {
        byte[] wire = transferTo(bob, SOL);

        assertThatThrownBy(() -> chain.send(Arrays.copyOf(wire, 100)))
                .isInstanceOf(MalformedTransaction.class).hasMessageContaining("ends at byte 100");
        assertThatThrownBy(() -> chain.send(Arrays.copyOf(wire, wire.length + 1)))
                .isInstanceOf(MalformedTransaction.class).hasMessageContaining("1 bytes follow");
        assertThatThrownBy(() -> chain.send(new byte[1233]))
                .isInstanceOf(MalformedTransaction.class).hasMessageContaining("1232");
    }

    @Test
    void historyIsListedNewestFirstBetweenBounds() {
        List<String> sent = List.of(
                chain.send(transferTo(bob, SOL)).signature(),
                chain.send(transferTo(bob, 2 * SOL)).signature(),
                chain.send(transferTo(bob, 3 * SOL)).signature());

        assertThat(chain.transactionsOf(bob, Optional.empty(), Optional.empty(), 10))
                .extracting(ExecutedTransaction::signature).containsExactly(sent.get(2), sent.get(1), sent.get(0));
        assertThat(chain.transactionsOf(bob, Optional.of(sent.get(2)), Optional.of(sent.get(0)), 10))
                .extracting(ExecutedTransaction::signature).containsExactly(sent.get(1));
        assertThat(chain.transactionsOf(bob, Optional.empty(), Optional.empty(), 1))
                .extracting(ExecutedTransaction::signature).containsExactly(sent.get(2));
    }

    @Test
    void oldHistoryIsForgottenOnceItsBlockhashesHaveExpired() {
        try (LocalChain small = LocalChain.start(ChainOptions.defaults().withManualSlots().withHistoryLimit(2))) {
            String first = small.airdrop(bob, SOL).signature();
            String second = small.airdrop(bob, SOL).signature();
            String third = small.airdrop(bob, SOL).signature();
            assertThat(small.transaction(first)).isPresent();

            small.advanceSlots(LocalChain.BLOCKHASH_SLOTS + 1);

            assertThat(small.transaction(first)).isEmpty();
            assertThat(List.of(small.transaction(second), small.transaction(third))).allMatch(Optional::isPresent);
            assertThat(small.transactionsOf(bob, Optional.empty(), Optional.empty(), 10)).hasSize(2);
        }
    }

    @Test
    void equalAirdropsInOneSlotAreDifferentTransactions() {
        chain.airdrop(bob, SOL);
        chain.airdrop(bob, SOL);

        assertThat(chain.balance(bob)).isEqualTo(2 * SOL);
    }

    @Test
    void anAirdropTooSmallForANewAccountIsRefused() {
        assertThatThrownBy(() -> chain.airdrop(bob, 1)).isInstanceOf(TransactionRefused.class).hasMessageContaining("rent");
    }

    @Test
    void aTransactionIsFinalizedAfterTheSlotsAskedFor() {
        ExecutedTransaction executed = chain.send(transferTo(bob, SOL));
        assertThat(chain.commitmentOf(executed)).isEqualTo(Commitment.CONFIRMED);

        chain.advanceSlots(chain.options().finalitySlots());

        assertThat(chain.commitmentOf(executed)).isEqualTo(Commitment.FINALIZED);
    }

    @Test
    void theClockMovesByTheTimeAskedForAndNeverBack() {
        long before = chain.unixTime();

        chain.advanceTime(Duration.ofDays(3));

        assertThat(chain.unixTime()).isBetween(before + 3 * 86_400, before + 3 * 86_400 + 60);
        long ahead = chain.unixTime();
        chain.advanceSlots(1);
        assertThat(chain.unixTime()).isGreaterThanOrEqualTo(ahead);
    }

    @Test
    void manySlotsPassAtOnce() {
        chain.advanceSlots(1_000_000);

        assertThat(chain.slot()).isEqualTo(1_000_001);
        assertThat(chain.send(transferTo(bob, SOL)).execution().succeeded()).isTrue();
    }

    @Test
    void slotsPassByThemselves() {
        try (LocalChain ticking = LocalChain.start(ChainOptions.defaults().withSlotMillis(5))) {
            long start = ticking.slot();
            await().until(() -> ticking.slot() > start + 3);
        }
    }

    @Test
    void accountsAreSetReadAndRemoved() {
        ChainAccount account = ChainAccount.of(SOL, LocalChain.SYSTEM_PROGRAM, new byte[] {1, 2, 3});
        chain.setAccount(bob, account);

        assertThat(chain.account(bob)).contains(account);
        chain.setAccount(bob, ChainAccount.of(0, LocalChain.SYSTEM_PROGRAM, new byte[0]));
        assertThat(chain.account(bob)).isEmpty();
    }

    @Test
    void whatIsNoProgramIsNotDeployed() {
        assertThatThrownBy(() -> chain.deploy(bob, new byte[100])).isInstanceOf(IllegalArgumentException.class);
        assertThat(chain.send(transferTo(Transactions.newSigner().publicKey(), SOL)).execution().succeeded()).isTrue();
    }

    @Test
    void aChainMayBeClosedWhileItsSlotsPassAndItsUsersAsk() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            LocalChain busy = LocalChain.start(ChainOptions.defaults().withSlotMillis(1));
            AtomicReference<RuntimeException> end = new AtomicReference<>();
            Thread user = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        busy.airdrop(bob, SOL);
                    }
                } catch (RuntimeException e) {
                    end.set(e);
                }
            });
            await().until(() -> busy.balance(bob) > SOL);
            busy.close();
            busy.close();
            user.join();
            assertThat(end.get()).isInstanceOf(ChainFailure.class).hasMessageContaining("closed");
        }
    }

    @Test
    void aClosedChainSaysSo() {
        chain.close();

        assertThatThrownBy(() -> chain.balance(bob)).isInstanceOf(ChainFailure.class).hasMessageContaining("closed");
    }

    private byte[] transferTo(PublicKey recipient, long lamports) {
        return signed(chain.latestBlockhash(), alice, transfer(alice.publicKey(), recipient, lamports));
    }

    private void assertRefused(byte[] wire, String failure) {
        assertThatThrownBy(() -> chain.send(wire)).isInstanceOfSatisfying(TransactionRefused.class,
                refused -> assertThat(refused.failure().json()).isEqualTo(failure));
        assertThat(chain.simulate(wire).failure().map(TransactionFailure::json)).contains(failure);
    }
}
