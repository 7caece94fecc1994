package network.nyxos.localnet;

import static network.nyxos.localnet.RpcProbe.CONFIRMED;
import static network.nyxos.localnet.Transactions.signed;
import static network.nyxos.localnet.Transactions.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;
import software.sava.core.accounts.lookup.AddressLookupTable;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.encoding.Base58;
import software.sava.core.tx.Instruction;
import software.sava.core.tx.Transaction;

/** What any Solana validator does, asked over JSON-RPC alone; see {@link RpcTarget} for running it against another one. */
class RpcBehaviourTest {

    private static final long SOL = LocalChain.LAMPORTS_PER_SOL;
    private static final long FEE = 5_000;

    private static RpcTarget target;
    private static RpcProbe rpc;

    @BeforeAll
    static void open() {
        target = RpcTarget.open();
        rpc = new RpcProbe(target.http());
    }

    @AfterAll
    static void close() {
        rpc.close();
        target.close();
    }

    @Test
    void aTransferIsSeenByEveryQuestion() {
        Signer alice = rpc.funded(2 * SOL);
        PublicKey bob = Transactions.newSigner().publicKey();
        String signature = rpc.sendAndConfirm(List.of(alice), transfer(alice.publicKey(), bob, SOL), Transactions.memo("for bread"));

        assertThat(rpc.balance(bob)).isEqualTo(SOL);
        assertThat(rpc.balance(alice.publicKey())).isEqualTo(SOL - FEE);

        JsonNode transaction = rpc.transaction(signature, "json");
        assertThat(transaction.at("/meta/err").isNull()).isTrue();
        assertThat(transaction.at("/meta/fee").longValue()).isEqualTo(FEE);
        assertThat(transaction.at("/version").textValue()).isEqualTo("legacy");
        assertThat(transaction.at("/transaction/signatures/0").textValue()).isEqualTo(signature);
        assertThat(transaction.at("/transaction/message/accountKeys/0").textValue()).isEqualTo(alice.publicKey().toBase58());
        assertThat(transaction.at("/meta/preBalances/0").longValue() - transaction.at("/meta/postBalances/0").longValue()).isEqualTo(SOL + FEE);
        assertThat(transaction.at("/meta/computeUnitsConsumed").longValue()).isPositive();
        assertThat(transaction.at("/blockTime").longValue()).isPositive();
        assertThat(transaction.at("/meta/logMessages").toString()).contains("for bread");

        JsonNode parsed = rpc.transaction(signature, "jsonParsed").at("/transaction/message");
        assertThat(parsed.at("/accountKeys/0/signer").booleanValue()).isTrue();
        assertThat(parsed.at("/instructions/0/parsed/type").textValue()).isEqualTo("transfer");
        assertThat(parsed.at("/instructions/0/parsed/info/lamports").longValue()).isEqualTo(SOL);
        assertThat(parsed.at("/instructions/1/parsed").textValue()).isEqualTo("for bread");

        JsonNode listed = rpc.call("getSignaturesForAddress", bob.toBase58(), CONFIRMED).get(0);
        assertThat(listed.get("signature").textValue()).isEqualTo(signature);
        assertThat(listed.get("memo").textValue()).isEqualTo("[9] for bread");
        assertThat(listed.get("slot").longValue()).isEqualTo(transaction.get("slot").longValue());
    }

    @Test
    void aTransactionBecomesFinalizedAndIsThenFoundByDefault() {
        Signer alice = rpc.funded(2 * SOL);
        String signature = rpc.sendAndConfirm(List.of(alice), transfer(alice.publicKey(), Transactions.newSigner().publicKey(), SOL));

        rpc.reach(signature, "finalized");

        assertThat(rpc.call("getTransaction", signature).get("slot").longValue()).isPositive();
        assertThat(rpc.call("getSignatureStatuses", List.of(signature)).at("/value/0/confirmations").isNull()).isTrue();
    }

    @Test
    void thePreflightTellsWhyATransactionFailsAndLeavesNoTrace() {
        Signer alice = rpc.funded(SOL);
        byte[] wire = signed(rpc.blockhash(), alice, transfer(alice.publicKey(), Transactions.newSigner().publicKey(), 5 * SOL));

        JsonNode error = rpc.sendRefused(wire);

        assertThat(error.get("code").intValue()).isEqualTo(-32002);
        assertThat(error.get("message").textValue())
                .isEqualTo("Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1");
        assertThat(error.at("/data/err").toString()).isEqualTo("{\"InstructionError\":[0,{\"Custom\":1}]}");
        assertThat(error.at("/data/logs").toString()).contains("insufficient lamports");
        assertThat(rpc.balance(alice.publicKey())).isEqualTo(SOL);
    }

    @Test
    void withoutPreflightAFailingTransactionLandsAndIsCharged() {
        Signer alice = rpc.funded(SOL);
        byte[] wire = signed(rpc.blockhash(), alice, transfer(alice.publicKey(), Transactions.newSigner().publicKey(), 5 * SOL));

        String signature = rpc.confirm(rpc.call("sendTransaction", Base64.getEncoder().encodeToString(wire),
                Map.of("encoding", "base64", "skipPreflight", true)).textValue());

        String failure = "{\"InstructionError\":[0,{\"Custom\":1}]}";
        assertThat(rpc.call("getSignatureStatuses", List.of(signature)).at("/value/0/err").toString()).isEqualTo(failure);
        assertThat(rpc.transaction(signature, "json").at("/meta/status/Err").toString()).isEqualTo(failure);
        assertThat(rpc.balance(alice.publicKey())).isEqualTo(SOL - FEE);
    }

    @Test
    void anUnknownBlockhashADuplicateAndAForgedSignatureAreRefused() {
        Signer alice = rpc.funded(2 * SOL);
        Instruction transfer = transfer(alice.publicKey(), Transactions.newSigner().publicKey(), SOL);

        JsonNode unknown = rpc.sendRefused(signed("4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZAMdL4VZHirAn", alice, transfer));
        assertThat(unknown.at("/data/err").textValue()).isEqualTo("BlockhashNotFound");

        byte[] wire = signed(rpc.blockhash(), alice, transfer);
        byte[] forged = wire.clone();
        forged[5] ^= 1;
        assertThat(rpc.sendRefused(forged).get("code").intValue()).isEqualTo(-32003);

        rpc.confirm(rpc.send(wire));
        assertThat(rpc.sendRefused(wire).at("/data/err").textValue()).isEqualTo("AlreadyProcessed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"})
    void bothTokenProgramsMintMoveAndReport(String programText) {
        PublicKey program = PublicKey.fromBase58Encoded(programText);
        Signer alice = rpc.funded(2 * SOL);
        Signer mint = Transactions.newSigner();
        PublicKey bob = Transactions.newSigner().publicKey();
        PublicKey from = TokenState.associatedAddress(alice.publicKey(), mint.publicKey(), program);
        PublicKey to = TokenState.associatedAddress(bob, mint.publicKey(), program);
        rpc.sendAndConfirm(List.of(alice, mint), createMint(alice.publicKey(), mint.publicKey(), program));
        rpc.sendAndConfirm(List.of(alice),
                Transactions.createAssociatedAccount(alice.publicKey(), alice.publicKey(), mint.publicKey(), program),
                Transactions.createAssociatedAccount(alice.publicKey(), bob, mint.publicKey(), program),
                Transactions.mintTo(mint.publicKey(), from, alice.publicKey(), program, 5_000_000));

        String signature = rpc.sendAndConfirm(List.of(alice),
                Transactions.transferChecked(from, mint.publicKey(), to, alice.publicKey(), program, 1_250_000, 6));

        JsonNode balance = rpc.call("getTokenAccountBalance", to.toBase58(), CONFIRMED).get("value");
        assertThat(balance.get("amount").textValue()).isEqualTo("1250000");
        assertThat(balance.get("uiAmountString").textValue()).isEqualTo("1.25");
        assertThat(rpc.call("getTokenSupply", mint.publicKey().toBase58(), CONFIRMED).at("/value/amount").textValue()).isEqualTo("5000000");

        JsonNode meta = rpc.transaction(signature, "json").get("meta");
        assertThat(tokenAmount(meta.get("preTokenBalances"), bob)).isEqualTo("0");
        assertThat(tokenAmount(meta.get("postTokenBalances"), bob)).isEqualTo("1250000");
        assertThat(meta.at("/postTokenBalances/0/programId").textValue()).isEqualTo(programText);
        JsonNode instruction = rpc.transaction(signature, "jsonParsed").at("/transaction/message/instructions/0/parsed");
        assertThat(instruction.at("/type").textValue()).isEqualTo("transferChecked");
        assertThat(instruction.at("/info/tokenAmount/amount").textValue()).isEqualTo("1250000");

        for (Map<String, String> filter : List.of(Map.of("mint", mint.publicKey().toBase58()), Map.of("programId", programText))) {
            JsonNode owned = rpc.call("getTokenAccountsByOwner", bob.toBase58(), filter,
                    Map.of("encoding", "jsonParsed", "commitment", "confirmed")).get("value");
            assertThat(owned).hasSize(1);
            assertThat(owned.at("/0/pubkey").textValue()).isEqualTo(to.toBase58());
            assertThat(owned.at("/0/account/data/parsed/info/tokenAmount/amount").textValue()).isEqualTo("1250000");
        }
        JsonNode held = rpc.call("getProgramAccounts", programText, Map.of("encoding", "base64", "commitment", "confirmed",
                "dataSlice", Map.of("offset", 64, "length", 8),
                "filters", List.of(Map.of("memcmp", Map.of("offset", 0, "bytes", mint.publicKey().toBase58())),
                        Map.of("memcmp", Map.of("offset", 32, "bytes", bob.toBase58())))));
        assertThat(held).hasSize(1);
        assertThat(Base64.getDecoder().decode(held.at("/0/account/data/0").textValue()))
                .isEqualTo(new ByteWriter(8).u64(1_250_000).toByteArray());
    }

    @Test
    void accountsAreGivenInEveryEncoding() {
        Signer alice = rpc.funded(SOL);
        Signer mint = Transactions.newSigner();
        rpc.sendAndConfirm(List.of(alice, mint), createMint(alice.publicKey(), mint.publicKey(), LocalChain.TOKEN_PROGRAM));
        String address = mint.publicKey().toBase58();

        JsonNode base64 = rpc.call("getAccountInfo", address, Map.of("encoding", "base64", "commitment", "confirmed")).get("value");
        byte[] data = Base64.getDecoder().decode(base64.at("/data/0").textValue());
        assertThat(data).hasSize(82);
        assertThat(base64.get("owner").textValue()).isEqualTo(LocalChain.TOKEN_PROGRAM.toBase58());
        assertThat(base64.get("space").intValue()).isEqualTo(82);
        assertThat(rpc.call("getAccountInfo", address, Map.of("encoding", "base58", "commitment", "confirmed")).at("/value/data/0").textValue())
                .isEqualTo(Base58.encode(data));
        assertThat(rpc.call("getAccountInfo", address, Map.of("encoding", "jsonParsed", "commitment", "confirmed"))
                .at("/value/data/parsed/info/mintAuthority").textValue()).isEqualTo(alice.publicKey().toBase58());
        assertThat(rpc.call("getAccountInfo", Transactions.newSigner().publicKey().toBase58()).get("value").isNull()).isTrue();
        JsonNode several = rpc.call("getMultipleAccounts", List.of(address, Transactions.newSigner().publicKey().toBase58()), CONFIRMED).get("value");
        assertThat(several).hasSize(2);
        assertThat(several.get(1).isNull()).isTrue();
    }

    @Test
    void theEd25519PrecompileAcceptsASignatureAndRefusesAForgedOne() {
        Signer alice = rpc.funded(SOL);
        byte[] message = "a voucher".getBytes(StandardCharsets.UTF_8);
        byte[] signature = alice.sign(message);

        rpc.sendAndConfirm(List.of(alice), Transactions.ed25519(alice.publicKey(), signature, message));

        signature[3] ^= 1;
        JsonNode error = rpc.sendRefused(signed(rpc.blockhash(), alice, Transactions.ed25519(alice.publicKey(), signature, message)));
        assertThat(error.at("/data/err/InstructionError/0").intValue()).isZero();
        assertThat(error.at("/data/err/InstructionError/1/Custom").isInt()).isTrue();
    }

    @Test
    void theSecp256r1PrecompileAcceptsASignatureAndRefusesAForgedOne() throws Exception {
        Signer alice = rpc.funded(SOL);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        byte[] message = "a passkey".getBytes(StandardCharsets.UTF_8);
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(pair.getPrivate());
        signer.update(message);
        byte[] signature = withLowS(signer.sign());
        byte[] key = compressed((ECPublicKey) pair.getPublic());

        rpc.sendAndConfirm(List.of(alice), Transactions.secp256r1(key, signature, message));

        byte[] other = "another".getBytes(StandardCharsets.UTF_8);
        JsonNode error = rpc.sendRefused(signed(rpc.blockhash(), alice, Transactions.secp256r1(key, signature, other)));
        assertThat(error.at("/data/err/InstructionError/0").intValue()).isZero();
        assertThat(error.at("/data/err/InstructionError/1/Custom").isInt()).isTrue();
    }

    @Test
    void aVersionedTransactionTakesItsAddressesFromALookupTable() {
        Signer alice = rpc.funded(2 * SOL);
        PublicKey bob = Transactions.newSigner().publicKey();
        long recent = rpc.call("getSlot").longValue();
        await().until(() -> rpc.call("getSlot", CONFIRMED).longValue() > recent);
        var derived = PublicKey.findProgramAddress(
                List.of(alice.publicKey().toByteArray(), new ByteWriter(8).u64(recent).toByteArray()), Transactions.LOOKUP_TABLE);
        PublicKey table = derived.publicKey();
        List<AccountMeta> accounts = List.of(AccountMeta.createWrite(table), AccountMeta.createReadOnlySigner(alice.publicKey()),
                AccountMeta.createWritableSigner(alice.publicKey()), AccountMeta.createRead(LocalChain.SYSTEM_PROGRAM));
        rpc.sendAndConfirm(List.of(alice),
                Instruction.createInstruction(Transactions.LOOKUP_TABLE, accounts,
                        new ByteWriter(16).u32(0).u64(recent).u8(derived.nonce()).toByteArray()),
                Instruction.createInstruction(Transactions.LOOKUP_TABLE, accounts,
                        new ByteWriter(64).u32(2).u64(1).key(bob).toByteArray()));
        long extended = rpc.call("getSlot", CONFIRMED).longValue();
        await().until(() -> rpc.call("getSlot", CONFIRMED).longValue() > extended);
        byte[] tableData = Base64.getDecoder().decode(rpc.call("getAccountInfo", table.toBase58(),
                Map.of("encoding", "base64", "commitment", "confirmed")).at("/value/data/0").textValue());

        Transaction tx = Transaction.createTx(alice.publicKey(), List.of(transfer(alice.publicKey(), bob, SOL)),
                AddressLookupTable.read(table, tableData));
        tx.sign(rpc.blockhash(), new LinkedHashSet<>(List.of(alice)));
        assertThat(tx.version()).isZero();
        String signature = rpc.confirm(rpc.send(tx.serialized()));

        assertThat(rpc.balance(bob)).isEqualTo(SOL);
        JsonNode found = rpc.transaction(signature, "json");
        assertThat(found.get("version").intValue()).isZero();
        assertThat(found.at("/meta/loadedAddresses/writable/0").textValue()).isEqualTo(bob.toBase58());
        assertThat(found.at("/transaction/message/addressTableLookups/0/accountKey").textValue()).isEqualTo(table.toBase58());
        assertThat(found.at("/transaction/message/accountKeys").toString()).doesNotContain(bob.toBase58());
        assertThat(rpc.transaction(signature, "jsonParsed").at("/transaction/message/accountKeys").toString())
                .contains("\"pubkey\":\"" + bob.toBase58() + "\",\"signer\":false,\"source\":\"lookupTable\",\"writable\":true");
        assertThat(rpc.error("getTransaction", signature, CONFIRMED).get("code").intValue()).isEqualTo(-32015);
        assertThat(rpc.call("getSignaturesForAddress", bob.toBase58(), CONFIRMED).at("/0/signature").textValue()).isEqualTo(signature);
    }

    @Test
    void simulationReplacesTheBlockhashShowsAccountsAndNeedsNoSignature() {
        Signer alice = rpc.funded(2 * SOL);
        PublicKey bob = Transactions.newSigner().publicKey();
        Transaction unsigned = Transaction.createTx(alice.publicKey(), List.of(transfer(alice.publicKey(), bob, SOL)));
        String wire = Base64.getEncoder().encodeToString(unsigned.serialized());

        JsonNode value = rpc.call("simulateTransaction", wire, Map.of("encoding", "base64", "commitment", "confirmed",
                "replaceRecentBlockhash", true, "accounts", Map.of("encoding", "base64", "addresses", List.of(bob.toBase58())))).get("value");

        assertThat(value.get("err").isNull()).isTrue();
        assertThat(value.get("unitsConsumed").longValue()).isPositive();
        assertThat(value.at("/accounts/0/lamports").longValue()).isEqualTo(SOL);
        assertThat(value.at("/replacementBlockhash/blockhash").textValue()).isNotEmpty();
        assertThat(rpc.call("simulateTransaction", wire, Map.of("encoding", "base64", "commitment", "confirmed")).at("/value/err").textValue())
                .isEqualTo("BlockhashNotFound");
        assertThat(rpc.error("simulateTransaction", wire, Map.of("encoding", "base64", "sigVerify", true, "replaceRecentBlockhash", true))
                .get("code").intValue()).isEqualTo(-32602);
        assertThat(rpc.balance(bob)).isZero();
    }

    @Test
    void aMessageCostsFiveThousandLamportsASignatureAndItsPriority() {
        Signer alice = rpc.funded(SOL);
        byte[] wire = signed(rpc.blockhash(), alice, Transactions.unitLimit(10_000), Transactions.unitPrice(1_000_000),
                transfer(alice.publicKey(), Transactions.newSigner().publicKey(), SOL / 2));
        String message = Base64.getEncoder().encodeToString(Arrays.copyOfRange(wire, 65, wire.length));

        assertThat(rpc.call("getFeeForMessage", message, CONFIRMED).get("value").longValue()).isEqualTo(FEE + 10_000);
    }

    @Test
    void slotsBlocksAndTimesAgree() {
        Signer alice = rpc.funded(SOL);
        String signature = rpc.sendAndConfirm(List.of(alice), transfer(alice.publicKey(), Transactions.newSigner().publicKey(), SOL / 2));
        rpc.reach(signature, "finalized");
        JsonNode transaction = rpc.transaction(signature, "json");
        long slot = transaction.get("slot").longValue();

        JsonNode block = rpc.call("getBlock", slot, Map.of("maxSupportedTransactionVersion", 0, "transactionDetails", "signatures", "rewards", false));

        assertThat(block.get("signatures").toString()).contains(signature);
        assertThat(block.get("blockTime").longValue()).isEqualTo(transaction.get("blockTime").longValue());
        assertThat(rpc.call("getBlockTime", slot).longValue()).isEqualTo(transaction.get("blockTime").longValue());
        assertThat(rpc.call("getBlocks", slot, slot).get(0).longValue()).isEqualTo(slot);
        JsonNode epoch = rpc.call("getEpochInfo", CONFIRMED);
        assertThat(epoch.get("absoluteSlot").longValue()).isGreaterThanOrEqualTo(slot);
        assertThat(rpc.error("getBlock", slot + 1_000_000).get("code").intValue()).isEqualTo(-32004);
        assertThat(rpc.call("isBlockhashValid", rpc.blockhash(), CONFIRMED).get("value").booleanValue()).isTrue();
    }

    @Test
    void wrongRequestsGetTheErrorThatFits() {
        assertThat(rpc.error("noSuchMethod").get("code").intValue()).isEqualTo(-32601);
        assertThat(rpc.error("getBalance").get("code").intValue()).isEqualTo(-32602);
        assertThat(rpc.error("getBalance", "not an address").get("code").intValue()).isEqualTo(-32602);
        assertThat(rpc.error("getBalance", 5).get("code").intValue()).isEqualTo(-32602);
        assertThat(rpc.error("sendTransaction", "AAAA", Map.of("encoding", "base64")).get("code").intValue()).isEqualTo(-32602);
        assertThat(rpc.error("getSlot", Map.of("minContextSlot", 1_000_000_000_000L)).get("code").intValue()).isEqualTo(-32016);
        assertThat(RpcProbe.parse(rpc.post("{").body()).at("/error/code").intValue()).isEqualTo(-32700);
    }

    @Test
    void aBatchIsAnsweredAsOne() {
        JsonNode answers = RpcProbe.parse(rpc.post("""
                [{"jsonrpc":"2.0","id":"a","method":"getHealth"},{"jsonrpc":"2.0","id":"b","method":"noSuchMethod"}]""").body());

        List<String> ids = new ArrayList<>();
        answers.forEach(answer -> ids.add(answer.get("id").textValue() + (answer.has("error") ? " failed" : " answered")));
        assertThat(ids).containsExactlyInAnyOrder("a answered", "b failed");
    }

    private static Instruction[] createMint(PublicKey payer, PublicKey mint, PublicKey program) {
        long rent = rpc.call("getMinimumBalanceForRentExemption", TokenState.MINT_BYTES).longValue();
        return new Instruction[] {
            Instruction.createInstruction(LocalChain.SYSTEM_PROGRAM,
                    List.of(AccountMeta.createWritableSigner(payer), AccountMeta.createWritableSigner(mint)),
                    new ByteWriter(64).u32(0).u64(rent).u64(TokenState.MINT_BYTES).key(program).toByteArray()),
            Instruction.createInstruction(program, List.of(AccountMeta.createWrite(mint)),
                    new ByteWriter(64).u8(20).u8(6).key(payer).u8(0).toByteArray())
        };
    }

    private static String tokenAmount(JsonNode balances, PublicKey owner) {
        for (JsonNode balance : balances) {
            if (balance.get("owner").textValue().equals(owner.toBase58())) {
                return balance.at("/uiTokenAmount/amount").textValue();
            }
        }
        return "none";
    }

    private static byte[] withLowS(byte[] signature) {
        BigInteger order = new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
        if (s.compareTo(order.shiftRight(1)) <= 0) {
            return signature;
        }
        byte[] low = signature.clone();
        System.arraycopy(fixed(order.subtract(s)), 0, low, 32, 32);
        return low;
    }

    private static byte[] compressed(ECPublicKey key) {
        return new ByteWriter(33).u8(key.getW().getAffineY().testBit(0) ? 3 : 2).raw(fixed(key.getW().getAffineX())).toByteArray();
    }

    private static byte[] fixed(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(32, bytes.length);
        System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
        return fixed;
    }
}
