package network.nyxos.escrow.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import org.p2p.solanaj.core.TransactionInstruction;
import org.p2p.solanaj.programs.AssociatedTokenProgram;
import org.p2p.solanaj.programs.ComputeBudgetProgram;
import org.p2p.solanaj.programs.SystemProgram;
import org.p2p.solanaj.programs.TokenProgram;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

class TokensTest {
    private final Samples samples = new Samples(1);
    private final PublicKey a = samples.key();
    private final PublicKey b = samples.key();
    private final PublicKey c = samples.key();
    private final PublicKey d = samples.key();

    private static org.p2p.solanaj.core.PublicKey oracle(PublicKey key) {
        return new org.p2p.solanaj.core.PublicKey(key.toByteArray());
    }

    private static void same(Instruction ours, TransactionInstruction theirs) {
        assertThat(ours.programId().publicKey().toBase58()).isEqualTo(theirs.getProgramId().toBase58());
        assertThat(ours.copyData()).isEqualTo(theirs.getData());
        assertThat(ours.accounts().stream().map(meta -> meta.publicKey().toBase58()).toList()).isEqualTo(theirs.getKeys().stream()
            .map(meta -> meta.getPublicKey().toBase58()).toList());
    }

    @Test
    void instructions_are_those_of_an_independent_library() {
        same(Tokens.transferChecked(a, b, c, d, 77, 6, WellKnown.TOKEN), TokenProgram.transferChecked(oracle(a), oracle(c), 77, (byte) 6, oracle(d), oracle(b)));
        same(Tokens.mintTo(a, b, c, 1L << 40, WellKnown.TOKEN), TokenProgram.mintTo(oracle(a), oracle(b), oracle(c), 1L << 40));
        same(BuiltIn.transferLamports(a, b, 9), SystemProgram.transfer(oracle(a), oracle(b), 9));
        same(BuiltIn.createAccount(a, b, 5, 82, c), SystemProgram.createAccount(oracle(a), oracle(b), 5, 82, oracle(c)));
        same(BuiltIn.computeUnitLimit(20_000), ComputeBudgetProgram.setComputeUnitLimit(20_000));
    }

    @Test
    void associated_accounts_are_derived_for_both_token_programs() {
        PublicKey wallet = PublicKey.fromBase58Encoded("4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA");
        TransactionInstruction theirs = AssociatedTokenProgram.createIdempotent(oracle(wallet), oracle(wallet), oracle(a));
        assertThat(Tokens.associated(wallet, a, WellKnown.TOKEN).toBase58()).isEqualTo(theirs.getKeys().get(1).getPublicKey().toBase58());
        assertThat(Tokens.associated(wallet, a, WellKnown.TOKEN_2022)).isNotEqualTo(Tokens.associated(wallet, a, WellKnown.TOKEN));
        Instruction ours = Tokens.createAssociated(wallet, b, a, WellKnown.TOKEN_2022);
        assertThat(ours.copyData()).containsExactly(1);
        assertThat(ours.accounts().get(5).publicKey()).isEqualTo(WellKnown.TOKEN_2022);
    }

    @Test
    void token_accounts_and_mints_are_read_with_and_without_extensions() {
        byte[] account = new BorshWriter(165).publicKey(a).publicKey(b).u64(500).zeros(36).u8(1).zeros(56).toByteArray();
        assertThat(TokenAccounts.account(account)).isEqualTo(new TokenAccounts.TokenAccount(a, b, 500, false));
        byte[] extended = Arrays.copyOf(account, 170);
        extended[165] = 2;
        assertThat(TokenAccounts.account(extended).amount()).isEqualTo(500);
        extended[165] = 1;
        assertThatThrownBy(() -> TokenAccounts.account(extended)).isInstanceOf(ProtocolException.class);
        account[108] = 2;
        assertThat(TokenAccounts.account(account).frozen()).isTrue();
        account[108] = 0;
        assertThatThrownBy(() -> TokenAccounts.account(account)).hasMessageContaining("initialized");
        byte[] mint = new BorshWriter(82).u32(1).publicKey(c).u64(9_000).u8(6).u8(1).zeros(36).toByteArray();
        assertThat(TokenAccounts.mint(mint)).isEqualTo(new TokenAccounts.Mint(Optional.of(c), 9_000, 6));
        assertThatThrownBy(() -> TokenAccounts.mint(account)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void the_precompiles_instruction_has_offsets_keys_signatures_and_each_message_once() {
        Keypair one = samples.keypair();
        Keypair two = samples.keypair();
        byte[] first = samples.bytes(50);
        byte[] second = samples.bytes(32);
        List<Ed25519Instruction.Entry> entries = List.of(new Ed25519Instruction.Entry(one.publicKey(), one.sign(first), first),
            new Ed25519Instruction.Entry(two.publicKey(), two.sign(second), second), new Ed25519Instruction.Entry(two.publicKey(), two.sign(first), first));
        byte[] data = Ed25519Instruction.of(entries).copyData();
        assertThat(data).hasSize(2 + 3 * 14 + 3 * 96 + 50 + 32);
        assertThat(HexFormat.of().formatHex(data, 0, 16)).isEqualTo("0300" + "4c00ffff" + "2c00ffff" + "4c01" + "3200ffff");
        assertThat(Ed25519Instruction.decode(data)).isEqualTo(entries);
        for (int length = 0; length < 2 + 3 * 14; length++) {
            byte[] cut = Arrays.copyOf(data, length);
            assertThatThrownBy(() -> Ed25519Instruction.decode(cut)).isInstanceOf(ProtocolException.class);
        }
        data[4] = 0;
        assertThatThrownBy(() -> Ed25519Instruction.decode(data)).hasMessageContaining("must refer to itself");
        assertThatThrownBy(() -> Ed25519Instruction.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
