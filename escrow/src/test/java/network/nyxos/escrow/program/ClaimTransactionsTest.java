package network.nyxos.escrow.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.LookupTables;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;

/// A claim is one transaction where it fits; a table of the pool's accounts carries it to a million payees.
class ClaimTransactionsTest {
    private final Samples samples = new Samples(20);
    private final PoolCalls pool = new MarketCalls(Programs.LOCAL, samples.key(), samples.key()).pool(samples.key(), WellKnown.TOKEN);
    private final PublicKey feePayer = samples.key();
    private final PublicKey payee = samples.key();
    private final PublicKey payout = samples.key();

    private final AddressLookupTable table = tableOf(pool.claimAccounts());

    private static AddressLookupTable tableOf(List<PublicKey> keys) {
        byte[] data = new byte[AddressLookupTable.LOOKUP_TABLE_META_SIZE + keys.size() * PublicKey.PUBLIC_KEY_LENGTH];
        for (int i = 0; i < keys.size(); i++) {
            System.arraycopy(keys.get(i).toByteArray(), 0, data, AddressLookupTable.LOOKUP_TABLE_META_SIZE + i * PublicKey.PUBLIC_KEY_LENGTH, PublicKey.PUBLIC_KEY_LENGTH);
        }
        return AddressLookupTable.read(LookupTables.create(keys.getFirst(), 7, keys).address(), data);
    }

    private List<TransactionBuilder> claim(CreditKind kind, int steps, Optional<AddressLookupTable> known) {
        List<CreditNode> proof = IntStream.range(0, steps).mapToObj(_ -> new CreditNode(samples.hash(), 1_000_000_000_000L)).toList();
        return new ClaimTransactions(pool, () -> known).of(feePayer, kind == CreditKind.NODE ? payout : payee, 3, new Credit(payee, kind, 700), 0, proof);
    }

    private static int bytes(TransactionBuilder transaction) {
        return transaction.compile(Hash.of(new byte[32])).message().length + 65;
    }

    @Test
    void a_claim_in_a_small_pool_is_one_legacy_transaction_and_asks_for_no_table() {
        var transactions = new ClaimTransactions(pool, () -> {
            throw new AssertionError("asked for a table");
        }).of(feePayer, payee, 3, new Credit(payee, CreditKind.REFUND, 700), 0, List.of());
        assertThat(transactions).hasSize(1);
        assertThat(transactions.getFirst().fits()).isTrue();
    }

    @Test
    void a_million_payees_are_paid_by_way_of_a_table_and_a_node_at_a_new_wallet_in_two_transactions() {
        assertThat(claim(CreditKind.REFUND, 20, Optional.of(table))).hasSize(1).allMatch(TransactionBuilder::fits);
        assertThat(claim(CreditKind.NODE, 20, Optional.of(table))).hasSize(2).allMatch(TransactionBuilder::fits);
        assertThat(bytes(claim(CreditKind.NODE, 20, Optional.of(table)).getLast())).isBetween(1_150, 1_232);
    }

    @Test
    void without_a_table_only_few_steps_fit_and_the_rest_says_what_to_make() {
        int most = IntStream.rangeClosed(0, 20).filter(steps -> fits(steps, Optional.empty())).max().orElseThrow();
        assertThat(most).isBetween(10, 16);
        assertThat(IntStream.rangeClosed(0, most)).allMatch(steps -> fits(steps, Optional.empty()));
        assertThatThrownBy(() -> claim(CreditKind.NODE, most + 1, Optional.empty())).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("claim_needs_table"));
        assertThatThrownBy(() -> claim(CreditKind.NODE, 32, Optional.of(table))).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("claim_too_long"));
    }

    private boolean fits(int steps, Optional<AddressLookupTable> known) {
        try {
            return claim(CreditKind.NODE, steps, known).stream().allMatch(TransactionBuilder::fits);
        } catch (ProtocolException e) {
            return false;
        }
    }
}
