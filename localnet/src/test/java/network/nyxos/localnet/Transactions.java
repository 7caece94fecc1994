package network.nyxos.localnet;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;
import software.sava.core.tx.Transaction;

/** Signed transactions for tests, put together by sava. */
final class Transactions {

    static final PublicKey MEMO = PublicKey.fromBase58Encoded("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
    static final PublicKey ED25519 = PublicKey.fromBase58Encoded("Ed25519SigVerify111111111111111111111111111");
    static final PublicKey SECP256R1 = PublicKey.fromBase58Encoded("Secp256r1SigVerify1111111111111111111111111");
    static final PublicKey LOOKUP_TABLE = PublicKey.fromBase58Encoded("AddressLookupTab1e1111111111111111111111111");
    static final PublicKey COMPUTE_BUDGET = PublicKey.fromBase58Encoded("ComputeBudget111111111111111111111111111111");

    private Transactions() {
    }

    static Signer newSigner() {
        return Signer.createFromPrivateKey(Signer.generatePrivateKeyBytes());
    }

    static byte[] signed(String blockhash, Signer payer, Instruction... instructions) {
        return signed(blockhash, List.of(payer), instructions);
    }

    /** Signed by all; the first pays. */
    static byte[] signed(String blockhash, List<Signer> signers, Instruction... instructions) {
        Transaction tx = Transaction.createTx(signers.getFirst().publicKey(), List.of(instructions));
        tx.sign(blockhash, new LinkedHashSet<>(signers));
        return tx.serialized();
    }

    static Instruction transfer(PublicKey from, PublicKey to, long lamports) {
        return Instruction.createInstruction(LocalChain.SYSTEM_PROGRAM,
                List.of(AccountMeta.createWritableSigner(from), AccountMeta.createWrite(to)),
                new ByteWriter(12).u32(2).u64(lamports).toByteArray());
    }

    static Instruction memo(String text) {
        return Instruction.createInstruction(MEMO, List.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    static Instruction unitPrice(long microLamports) {
        return Instruction.createInstruction(COMPUTE_BUDGET, List.of(), new ByteWriter(9).u8(3).u64(microLamports).toByteArray());
    }

    static Instruction unitLimit(int units) {
        return Instruction.createInstruction(COMPUTE_BUDGET, List.of(), new ByteWriter(5).u8(2).u32(units).toByteArray());
    }

    static Instruction createAssociatedAccount(PublicKey payer, PublicKey owner, PublicKey mint, PublicKey tokenProgram) {
        return Instruction.createInstruction(TokenState.ASSOCIATED_TOKEN,
                List.of(AccountMeta.createWritableSigner(payer),
                        AccountMeta.createWrite(TokenState.associatedAddress(owner, mint, tokenProgram)),
                        AccountMeta.createRead(owner), AccountMeta.createRead(mint),
                        AccountMeta.createRead(LocalChain.SYSTEM_PROGRAM), AccountMeta.createRead(tokenProgram)),
                new byte[] {1});
    }

    static Instruction mintTo(PublicKey mint, PublicKey account, PublicKey authority, PublicKey tokenProgram, long amount) {
        return Instruction.createInstruction(tokenProgram,
                List.of(AccountMeta.createWrite(mint), AccountMeta.createWrite(account), AccountMeta.createReadOnlySigner(authority)),
                new ByteWriter(9).u8(7).u64(amount).toByteArray());
    }

    static Instruction transferChecked(PublicKey from, PublicKey mint, PublicKey to, PublicKey owner, PublicKey tokenProgram, long amount, int decimals) {
        return Instruction.createInstruction(tokenProgram,
                List.of(AccountMeta.createWrite(from), AccountMeta.createRead(mint), AccountMeta.createWrite(to),
                        AccountMeta.createReadOnlySigner(owner)),
                new ByteWriter(10).u8(12).u64(amount).u8(decimals).toByteArray());
    }

    /** One signature for the Ed25519 precompile, everything within the instruction itself. */
    static Instruction ed25519(PublicKey key, byte[] signature, byte[] message) {
        int keyOffset = 16;
        int signatureOffset = keyOffset + 32;
        int messageOffset = signatureOffset + 64;
        byte[] data = new ByteWriter(256).u8(1).u8(0)
                .raw(u16(signatureOffset, 0xffff, keyOffset, 0xffff, messageOffset, message.length, 0xffff))
                .key(key).raw(signature).raw(message).toByteArray();
        return Instruction.createInstruction(ED25519, List.of(), data);
    }

    /**
     * One signature for the secp256r1 precompile.
     *
     * @param key       33 bytes, compressed
     * @param signature r and s of 32 bytes each, s in the lower half
     */
    static Instruction secp256r1(byte[] key, byte[] signature, byte[] message) {
        int signatureOffset = 16;
        int keyOffset = signatureOffset + 64;
        int messageOffset = keyOffset + 33;
        byte[] data = new ByteWriter(256).u8(1).u8(0)
                .raw(u16(signatureOffset, 0xffff, keyOffset, 0xffff, messageOffset, message.length, 0xffff))
                .raw(signature).raw(key).raw(message).toByteArray();
        return Instruction.createInstruction(SECP256R1, List.of(), data);
    }

    private static byte[] u16(int... values) {
        ByteWriter out = new ByteWriter(values.length * 2);
        Arrays.stream(values).forEach(value -> out.u8(value).u8(value >> 8));
        return out.toByteArray();
    }
}
