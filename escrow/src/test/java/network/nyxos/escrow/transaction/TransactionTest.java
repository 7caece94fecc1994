package network.nyxos.escrow.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import org.junit.jupiter.api.Test;
import org.p2p.solanaj.core.Account;
import org.p2p.solanaj.core.Transaction;
import org.p2p.solanaj.core.TransactionInstruction;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

class TransactionTest {
    private final Samples samples = new Samples(1);
    private final Keypair payer = samples.keypair();
    private final Keypair other = samples.keypair();
    private final Hash blockhash = samples.hash();

    private static org.p2p.solanaj.core.PublicKey oracle(PublicKey key) {
        return new org.p2p.solanaj.core.PublicKey(key.toByteArray());
    }

    private static TransactionInstruction oracle(Instruction instruction) {
        return new TransactionInstruction(oracle(instruction.programId().publicKey()), instruction.accounts().stream()
            .map(meta -> new org.p2p.solanaj.core.AccountMeta(oracle(meta.publicKey()), meta.signer(), meta.write())).toList(), instruction.copyData());
    }

    private List<Instruction> instructions() {
        return List.of(BuiltIn.computeUnitLimit(20_000), BuiltIn.computeUnitPrice(1), BuiltIn.transferLamports(payer.publicKey(), samples.key(), 5),
            Tokens.transferChecked(samples.key(), samples.key(), samples.key(), other.publicKey(), 7, 6, WellKnown.TOKEN), BuiltIn.memo("bound to a request"));
    }

    @Test
    void a_transaction_says_the_same_as_one_that_another_library_built() {
        List<Instruction> instructions = instructions();
        WireTransaction ours = TransactionBuilder.legacy(payer.publicKey()).addAll(instructions).compile(blockhash).sign(payer, other).wire();
        var theirs = new Transaction();
        instructions.forEach(instruction -> theirs.addInstruction(oracle(instruction)));
        theirs.setRecentBlockHash(blockhash.base58());
        theirs.sign(List.of(new Account(payer.bytes()), new Account(other.bytes())));
        WireTransaction read = WireTransaction.decode(theirs.serialize());

        assertThat(read.unverifiedSigners()).isEmpty();
        assertThat(ours.unverifiedSigners()).isEmpty();
        assertThat(read.instructions()).isEqualTo(ours.instructions());
        assertThat(read.signers()).containsExactlyInAnyOrderElementsOf(ours.signers());
        assertThat(read.blockhash()).isEqualTo(ours.blockhash()).isEqualTo(blockhash);
        assertThat(read.accounts()).containsExactlyInAnyOrderElementsOf(ours.accounts());
        for (PublicKey account : ours.accounts()) {
            assertThat(read.isWritable(read.accounts().indexOf(account))).isEqualTo(ours.isWritable(ours.accounts().indexOf(account)));
        }
        assertThat(read.bytes()).hasSameSizeAs(ours.bytes());
    }

    @Test
    void a_small_transaction_is_byte_for_byte_the_one_that_another_library_builds() {
        Instruction transfer = BuiltIn.transferLamports(payer.publicKey(), other.publicKey(), 5);
        var theirs = new Transaction();
        theirs.addInstruction(org.p2p.solanaj.programs.SystemProgram.transfer(oracle(payer.publicKey()), oracle(other.publicKey()), 5));
        theirs.setRecentBlockHash(blockhash.base58());
        theirs.sign(new Account(payer.bytes()));
        assertThat(TransactionBuilder.legacy(payer.publicKey()).add(transfer).compile(blockhash).sign(payer).bytes()).isEqualTo(theirs.serialize());
    }

    @Test
    void everybody_must_sign_and_the_id_is_the_fee_payers_signature() {
        UnsignedTransaction unsigned = TransactionBuilder.legacy(payer.publicKey()).addAll(instructions()).compile(blockhash);
        assertThat(unsigned.signers()).containsExactly(payer.publicKey(), other.publicKey());
        assertThatThrownBy(() -> unsigned.sign(payer)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(other.toString());
        SignedTransaction signed = unsigned.sign(other, payer);
        assertThat(signed.signature()).isEqualTo(payer.sign(unsigned.message()));
        assertThat(signed.bytes()).hasSize(unsigned.size());
    }

    @Test
    void a_sponsor_adds_its_signature_and_leaves_the_payers() {
        Keypair sponsor = samples.keypair();
        WireTransaction partly = TransactionBuilder.legacy(sponsor.publicKey()).add(BuiltIn.transferLamports(payer.publicKey(), other.publicKey(), 5)).compile(blockhash)
            .signPartly(payer);
        assertThat(partly.unverifiedSigners()).containsExactly(sponsor.publicKey());
        assertThatThrownBy(() -> SignedTransaction.of(partly)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("transaction_unsigned"));
        WireTransaction whole = WireTransaction.decode(partly.bytes()).sign(sponsor);
        assertThat(whole.unverifiedSigners()).isEmpty();
        assertThat(whole.messageHash()).isEqualTo(partly.messageHash());
        assertThat(SignedTransaction.of(whole).signature()).isEqualTo(whole.signatures().getFirst());
        assertThatThrownBy(() -> partly.sign(other)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void lookup_tables_make_room_and_are_refused_from_others() {
        List<PublicKey> many = IntStream.range(0, 40).mapToObj(_ -> samples.key()).toList();
        Instruction wide = Instruction.createInstruction(samples.key(), many.stream().map(AccountMeta::createWrite).toList(), new byte[] {1});
        assertThatThrownBy(() -> TransactionBuilder.legacy(payer.publicKey()).add(wide).compile(blockhash)).isInstanceOf(TransactionTooLargeException.class);

        byte[] table = new byte[56 + 40 * 32];
        table[0] = 1;
        Arrays.fill(table, 4, 12, (byte) 0xFF);
        for (int i = 0; i < many.size(); i++) {
            many.get(i).write(table, 56 + i * 32);
        }
        AddressLookupTable lookup = AddressLookupTable.read(samples.key(), table);
        SignedTransaction signed = TransactionBuilder.v0(payer.publicKey(), List.of(lookup)).add(wide).compile(blockhash).sign(payer);
        assertThat(signed.bytes().length).isLessThan(400);
        assertThat(signed.wire().version()).isZero();
        assertThat(signed.wire().programs()).containsExactly(wide.programId().publicKey());
        assertThat(signed.wire().unverifiedSigners()).isEmpty();
        assertThatThrownBy(() -> WireTransaction.decode(signed.bytes())).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("transaction_lookups"));
        // The chain loads the accounts in the order of the message's indexes into the table, which stand before the last length.
        byte[] bytes = signed.bytes();
        List<PublicKey> loaded = IntStream.range(bytes.length - 41, bytes.length - 1).mapToObj(i -> many.get(bytes[i])).toList();
        WireTransaction resolved = WireTransaction.decode(bytes, loaded, List.of());
        assertThat(resolved.instructions().getFirst().accounts()).isEqualTo(many);
        assertThatThrownBy(() -> WireTransaction.decode(bytes, loaded.subList(0, 39), List.of())).isInstanceOf(ProtocolException.class);
    }

    @Test
    void no_byte_may_be_missing_or_left_over() {
        byte[] good = TransactionBuilder.legacy(payer.publicKey()).addAll(instructions()).compile(blockhash).sign(payer, other).bytes();
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> WireTransaction.decode(cut)).isInstanceOf(ProtocolException.class);
        }
        assertThatThrownBy(() -> WireTransaction.decode(Arrays.copyOf(good, good.length + 1))).hasMessageContaining("trailing");
        assertThatThrownBy(() -> WireTransaction.decode(new byte[1_233])).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("transaction_too_large"));
        assertThatThrownBy(() -> WireTransaction.decodeBase64("*")).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("transaction_base64"));
    }

    @Test
    void malformed_structure_is_refused() {
        byte[] good = TransactionBuilder.legacy(payer.publicKey()).add(BuiltIn.transferLamports(payer.publicKey(), other.publicKey(), 5)).compile(blockhash).sign(payer).bytes();
        int message = 65;
        refused(good, 0, 0x81, "do not fit");
        refused(good, message, 2, "header");
        refused(good, message, 0, "header");
        refused(good, message + 1, 1, "header");
        refused(good, message + 2, 9, "header");
        refused(good, message, 0x81, "version");
        int instruction = message + 3 + 1 + 3 * 32 + 32 + 1;
        refused(good, instruction, 0, "cannot be the program");
        refused(good, instruction, 3, "cannot be the program");
        refused(good, instruction + 2, 3, "names account 3");
        byte[] doubled = good.clone();
        System.arraycopy(good, message + 4, doubled, message + 4 + 32, 32);
        assertThatThrownBy(() -> WireTransaction.decode(doubled)).hasMessageContaining("twice");
    }

    private static void refused(byte[] good, int at, int value, String why) {
        byte[] bad = good.clone();
        bad[at] = (byte) value;
        assertThatThrownBy(() -> WireTransaction.decode(bad)).isInstanceOf(ProtocolException.class).hasMessageContaining(why);
    }

    @Test
    void a_length_has_one_encoding_only() {
        byte[] good = TransactionBuilder.legacy(payer.publicKey()).add(BuiltIn.memo("x")).compile(blockhash).sign(payer).bytes();
        // The number of signatures as 81 00 instead of 01.
        var longer = new ArrayList<Byte>();
        longer.add((byte) 0x81);
        longer.add((byte) 0);
        for (int i = 1; i < good.length; i++) {
            longer.add(good[i]);
        }
        byte[] bad = new byte[longer.size()];
        IntStream.range(0, bad.length).forEach(i -> bad[i] = longer.get(i));
        assertThatThrownBy(() -> WireTransaction.decode(bad)).hasMessageContaining("shortest");
    }

    @Test
    void random_changes_are_refused_or_read_and_never_crash() {
        byte[] good = TransactionBuilder.legacy(payer.publicKey()).addAll(instructions()).compile(blockhash).sign(payer, other).bytes();
        for (int seed = 0; seed < 20_000; seed++) {
            var random = new Samples(seed);
            byte[] changed = good.clone();
            for (int i = 0; i <= random.below(3); i++) {
                changed[random.below(changed.length)] = (byte) random.below(256);
            }
            try {
                assertThat(WireTransaction.decode(changed).bytes()).isEqualTo(changed);
            } catch (ProtocolException e) {
                assertThat(e.code()).startsWith("transaction_");
            }
        }
    }
}
