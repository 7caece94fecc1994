package network.nyxos.escrow.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class TreeTest {
    private static final int LARGEST = 70;

    /// RFC 6962 §2.1, word for word.
    private static Hash mth(List<Hash> leaves) {
        if (leaves.isEmpty()) {
            return Hash.sha256(new byte[0]);
        }
        if (leaves.size() == 1) {
            return Hash.sha256(new byte[] {0}, leaves.getFirst().bytes());
        }
        int k = Integer.highestOneBit(leaves.size() - 1);
        return Hash.sha256(new byte[] {1}, mth(leaves.subList(0, k)).bytes(), mth(leaves.subList(k, leaves.size())).bytes());
    }

    private static CreditNode sums(PublicKey pool, List<Credit> credits) {
        if (credits.size() == 1) {
            Credit c = credits.getFirst();
            return new CreditNode(Hash.sha256(new byte[] {0}, "nyxos:credit:v1".getBytes(StandardCharsets.US_ASCII),
                new BorshWriter(80).publicKey(pool).publicKey(c.payee()).u8(c.kind().code()).u64(c.cumulative()).toByteArray()), c.cumulative());
        }
        int k = Integer.highestOneBit(credits.size() - 1);
        CreditNode left = sums(pool, credits.subList(0, k));
        CreditNode right = sums(pool, credits.subList(k, credits.size()));
        return new CreditNode(Hash.sha256(new byte[] {1}, left.hash().bytes(), new BorshWriter(8).u64(left.sum()).toByteArray(), right.hash().bytes(),
            new BorshWriter(8).u64(right.sum()).toByteArray()), left.sum() + right.sum());
    }

    private static List<Hash> hashes(int size) {
        var samples = new Samples(size);
        var hashes = new ArrayList<Hash>();
        for (int i = 0; i < size; i++) {
            hashes.add(samples.hash());
        }
        return hashes;
    }

    private static List<Credit> credits(int size) {
        var samples = new Samples(size);
        var credits = new ArrayList<Credit>();
        for (int i = 0; i < size; i++) {
            credits.add(new Credit(samples.key(), samples.one(CreditKind.values()), samples.amount() >>> 10));
        }
        return credits;
    }

    @Test
    void receipts_root_is_rfc_6962s_and_every_leaf_is_proven_at_its_index_only() {
        for (int size = 0; size <= LARGEST; size++) {
            List<Hash> leaves = hashes(size);
            MerkleTree tree = MerkleTree.of(leaves);
            assertThat(tree.root()).isEqualTo(mth(leaves));
            for (int index = 0; index < size; index++) {
                List<Hash> proof = tree.proof(index);
                assertThat(MerkleTree.verify(tree.root(), leaves.get(index), index, size, proof)).isTrue();
                for (int other = 0; other < size; other++) {
                    assertThat(MerkleTree.verify(tree.root(), leaves.get(index), other, size, proof)).isEqualTo(other == index);
                }
                assertThat(MerkleTree.verify(tree.root(), leaves.get(index), index, -1, proof)).isFalse();
                assertThat(MerkleTree.verify(tree.root(), leaves.get(index), -1, size, proof)).isFalse();
                assertThat(MerkleTree.verify(tree.root(), leaves.get((index + 1) % size), index, size, proof)).isEqualTo(size == 1);
            }
        }
    }

    @Test
    void a_shortened_lengthened_or_changed_receipt_proof_is_refused() {
        for (int size = 2; size <= LARGEST; size += 3) {
            List<Hash> leaves = hashes(size);
            MerkleTree tree = MerkleTree.of(leaves);
            for (int index = 0; index < size; index++) {
                List<Hash> proof = tree.proof(index);
                var longer = new ArrayList<>(proof);
                longer.add(Hash.ZERO);
                assertThat(MerkleTree.verify(tree.root(), leaves.get(index), index, size, longer)).isFalse();
                assertThat(MerkleTree.verify(tree.root(), leaves.get(index), index, size, proof.subList(1, proof.size()))).isFalse();
                for (int i = 0; i < proof.size(); i++) {
                    var changed = new ArrayList<>(proof);
                    changed.set(i, Hash.sha256(proof.get(i).bytes()));
                    assertThat(MerkleTree.verify(tree.root(), leaves.get(index), index, size, changed)).isFalse();
                }
            }
        }
    }

    @Test
    void credit_root_has_the_documented_shape_and_every_credit_is_proven_at_its_index_only() {
        PublicKey pool = new Samples(99).key();
        for (int size = 1; size <= LARGEST; size++) {
            CreditTree tree = CreditTree.of(pool, credits(size));
            assertThat(tree.root()).isEqualTo(sums(pool, tree.credits()));
            assertThat(tree.root().sum()).isEqualTo(tree.credits().stream().mapToLong(Credit::cumulative).sum());
            for (int index = 0; index < size; index++) {
                Credit credit = tree.credits().get(index);
                List<CreditNode> proof = tree.proof(index);
                assertThat(tree.indexOf(credit.payee(), credit.kind())).hasValue(index);
                assertThat(CreditTree.verify(pool, tree.root(), credit, index, size, proof)).isTrue();
                for (int other = 0; other < size; other++) {
                    assertThat(CreditTree.verify(pool, tree.root(), credit, other, size, proof)).isEqualTo(other == index);
                }
                assertThat(CreditTree.verify(new Samples(98).key(), tree.root(), credit, index, size, proof)).isFalse();
                assertThat(CreditTree.verify(pool, tree.root(), new Credit(credit.payee(), credit.kind(), credit.cumulative() + 1), index, size, proof)).isFalse();
            }
        }
    }

    @Test
    void a_credit_proof_whose_sums_were_shifted_is_refused() {
        PublicKey pool = new Samples(97).key();
        for (int size = 2; size <= LARGEST; size += 3) {
            CreditTree tree = CreditTree.of(pool, credits(size));
            for (int index = 0; index < size; index++) {
                Credit credit = tree.credits().get(index);
                List<CreditNode> proof = tree.proof(index);
                for (int i = 0; i < proof.size(); i++) {
                    for (long by : new long[] {-1, 1, Long.MIN_VALUE}) {
                        var changed = new ArrayList<>(proof);
                        changed.set(i, new CreditNode(proof.get(i).hash(), proof.get(i).sum() + by));
                        assertThat(CreditTree.verify(pool, tree.root(), credit, index, size, changed)).isFalse();
                    }
                }
                assertThat(CreditTree.verify(pool, new CreditNode(tree.root().hash(), tree.root().sum() + 1), credit, index, size, proof)).isFalse();
            }
        }
    }

    @Test
    void the_order_in_which_credits_come_does_not_matter() {
        PublicKey pool = new Samples(96).key();
        List<Credit> credits = credits(33);
        CreditNode root = CreditTree.of(pool, credits).root();
        Collections.shuffle(credits, new Random(5));
        assertThat(CreditTree.of(pool, credits).root()).isEqualTo(root);
    }

    @Test
    void leaves_ascend_by_unsigned_bytes_and_then_by_kind() {
        PublicKey low = PublicKey.createPubKey(Hash.fromHex("01" + "00".repeat(31)).bytes());
        PublicKey high = PublicKey.createPubKey(Hash.fromHex("ff" + "00".repeat(31)).bytes());
        CreditTree tree = CreditTree.of(low, List.of(new Credit(high, CreditKind.NODE, 1), new Credit(low, CreditKind.REFUND, 2), new Credit(low, CreditKind.NODE, 3)));
        assertThat(tree.credits()).extracting(Credit::cumulative).containsExactly(3L, 2L, 1L);
        assertThat(tree.indexOf(high, CreditKind.TREASURY)).isEmpty();
    }

    @Test
    void doubles_and_sums_out_of_range_are_refused() {
        PublicKey key = new Samples(95).key();
        assertThatThrownBy(() -> CreditTree.of(key, List.of(new Credit(key, CreditKind.NODE, 1), new Credit(key, CreditKind.NODE, 2))))
            .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("credit_double"));
        assertThatThrownBy(() -> CreditTree.of(key, List.of(new Credit(key, CreditKind.NODE, Long.MAX_VALUE), new Credit(key, CreditKind.REFUND, 1))))
            .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("amount_overflow"));
        assertThatThrownBy(() -> new Credit(key, CreditKind.NODE, -1)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void the_empty_tree_is_the_hash_of_nothing_with_sum_zero() {
        assertThat(CreditTree.of(new Samples(94).key(), List.of()).root()).isEqualTo(new CreditNode(
            Hash.fromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), 0));
    }
}
