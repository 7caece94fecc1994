package network.nyxos.bench.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.associated.AssociatedTokenError;
import network.nyxos.escrow.program.associated.AssociatedTokenInstruction;
import network.nyxos.escrow.program.token.Account;
import network.nyxos.escrow.program.token.AccountState;
import network.nyxos.escrow.program.token.AuthorityType;
import network.nyxos.escrow.program.token.Mint;
import network.nyxos.escrow.program.token.Multisig;
import network.nyxos.escrow.program.token.TokenError;
import network.nyxos.escrow.program.token.TokenInstruction;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.ExecutedTransaction;
import network.nyxos.localnet.LocalChain;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/**
 * Bindings that the generator makes of IDLs of other people's programs, written from their documented layouts: SPL Token and the associated token account
 * program as published take every instruction, and what they write is read.
 */
class PublicProgramsTest {

    private static final PublicKey TOKEN = WellKnown.TOKEN;

    private final Set<Class<?>> taken = new HashSet<>();

    /** A chain with somebody who pays, owns and may do everything. */
    private final class World implements AutoCloseable {
        final LocalChain chain = LocalChain.start(ChainOptions.defaults().withManualSlots());
        final Keypair someone = Keypair.generate();
        final PublicKey me = someone.publicKey();

        World() {
            chain.airdrop(me, 100 * LocalChain.LAMPORTS_PER_SOL);
        }

        ExecutedTransaction attempt(List<Instruction> instructions, Keypair... more) {
            chain.advanceSlots(1);
            List<Keypair> signers = Stream.concat(Stream.of(someone), Stream.of(more)).toList();
            return chain.send(TransactionBuilder.legacy(me).addAll(instructions).compile(Hash.of(PublicKey.fromBase58Encoded(chain.latestBlockhash()).toByteArray()))
                    .sign(signers).bytes());
        }

        ExecutedTransaction send(List<Instruction> instructions, Keypair... more) {
            ExecutedTransaction sent = attempt(instructions, more);
            assertThat(sent.execution().failure()).as(String.join("\n", sent.execution().logs())).isEmpty();
            return sent;
        }

        /** An empty account of the token program, made and used by one transaction. */
        PublicKey make(int size, Function<PublicKey, List<Instruction>> use) {
            Keypair account = Keypair.generate();
            var instructions = new ArrayList<Instruction>();
            instructions.add(BuiltIn.createAccount(me, account.publicKey(), chain.minimumRent(size), size, TOKEN));
            instructions.addAll(use.apply(account.publicKey()));
            send(instructions, account);
            return account.publicKey();
        }

        PublicKey mint() {
            return make(Mint.SIZE, mint -> List.of(take(new TokenInstruction.InitializeMint2(6, me, Optional.of(me)),
                    new TokenInstruction.InitializeMint2.Accounts(mint).metas())));
        }

        PublicKey associated(PublicKey owner, PublicKey mint) {
            PublicKey account = Tokens.associated(owner, mint, TOKEN);
            send(List.of(take(new AssociatedTokenInstruction.CreateIdempotent(),
                    new AssociatedTokenInstruction.CreateIdempotent.Accounts(me, account, owner, mint, TOKEN).metas())));
            return account;
        }

        byte[] data(PublicKey address) {
            return chain.account(address).orElseThrow().data();
        }

        Account account(PublicKey address) {
            return Account.decode(data(address));
        }

        Mint mint(PublicKey address) {
            return Mint.decode(data(address));
        }

        @Override
        public void close() {
            chain.close();
        }
    }

    private Instruction take(TokenInstruction instruction, List<AccountMeta> accounts) {
        taken.add(instruction.getClass());
        assertThat(TokenInstruction.decode(instruction.encode())).isEqualTo(instruction);
        return Instruction.createInstruction(TOKEN, accounts, instruction.encode());
    }

    private Instruction take(AssociatedTokenInstruction instruction, List<AccountMeta> accounts) {
        taken.add(instruction.getClass());
        assertThat(AssociatedTokenInstruction.decode(instruction.encode())).isEqualTo(instruction);
        return Instruction.createInstruction(WellKnown.ASSOCIATED_TOKEN, accounts, instruction.encode());
    }

    private static Optional<TokenError> refused(ExecutedTransaction sent) {
        String failure = sent.execution().failure().orElseThrow().json();
        return Stream.of(TokenError.values()).filter(error -> failure.contains("\"Custom\":" + error.code() + "}")).findFirst();
    }

    @Test
    void the_programs_take_every_instruction_and_what_they_write_is_read() {
        try (var world = new World()) {
            mints_and_accounts(world);
            tokens_move(world);
            keys_change(world);
            accounts_nest(world);
        }
        var all = new ArrayList<Class<?>>(List.of(TokenInstruction.class.getPermittedSubclasses()));
        all.addAll(List.of(AssociatedTokenInstruction.class.getPermittedSubclasses()));
        assertThat(taken).containsExactlyInAnyOrderElementsOf(all);
    }

    private void mints_and_accounts(World world) {
        PublicKey mint = world.mint();
        assertThat(world.mint(mint)).isEqualTo(new Mint(Optional.of(world.me), 0, 6, true, Optional.of(world.me)));
        assertThat(world.mint(mint).encode()).isEqualTo(world.data(mint));
        PublicKey plain = world.make(Mint.SIZE, made -> List.of(take(new TokenInstruction.InitializeMint(2, world.me, Optional.empty()),
                new TokenInstruction.InitializeMint.Accounts(made).metas())));
        assertThat(world.mint(plain)).isEqualTo(new Mint(Optional.of(world.me), 0, 2, true, Optional.empty()));
        assertThat(world.mint(plain).encode()).isEqualTo(world.data(plain));

        PublicKey owner = Keypair.generate().publicKey();
        var empty = new Account(mint, owner, 0, Optional.empty(), AccountState.INITIALIZED, Optional.empty(), 0, Optional.empty());
        for (PublicKey made : List.of(
                world.make(Account.SIZE, made -> List.of(take(new TokenInstruction.InitializeAccount(), new TokenInstruction.InitializeAccount.Accounts(made, mint, owner).metas()))),
                world.make(Account.SIZE, made -> List.of(take(new TokenInstruction.InitializeAccount2(owner), new TokenInstruction.InitializeAccount2.Accounts(made, mint).metas()))),
                world.make(Account.SIZE, made -> List.of(take(new TokenInstruction.InitializeImmutableOwner(), new TokenInstruction.InitializeImmutableOwner.Accounts(made).metas()),
                        take(new TokenInstruction.InitializeAccount3(owner), new TokenInstruction.InitializeAccount3.Accounts(made, mint).metas()))))) {
            assertThat(world.account(made)).isEqualTo(empty);
            assertThat(world.account(made).encode()).isEqualTo(world.data(made));
        }

        List<PublicKey> keys = List.of(owner, world.me);
        List<AccountMeta> signers = keys.stream().map(AccountMeta::createRead).toList();
        for (PublicKey made : List.of(
                world.make(Multisig.SIZE, made -> List.of(take(new TokenInstruction.InitializeMultisig(1),
                        Stream.concat(new TokenInstruction.InitializeMultisig.Accounts(made).metas().stream(), signers.stream()).toList()))),
                world.make(Multisig.SIZE, made -> List.of(take(new TokenInstruction.InitializeMultisig2(1),
                        Stream.concat(new TokenInstruction.InitializeMultisig2.Accounts(made).metas().stream(), signers.stream()).toList()))))) {
            Multisig multisig = Multisig.decode(world.data(made));
            assertThat(List.of(multisig.m(), multisig.n(), multisig.isInitialized(), multisig.signers().subList(0, 2))).isEqualTo(List.of(1, 2, true, keys));
            assertThat(multisig.encode()).isEqualTo(world.data(made));
        }
    }

    private void tokens_move(World world) {
        PublicKey mint = world.mint();
        PublicKey mine = world.associated(world.me, mint);
        PublicKey theirs = Keypair.generate().publicKey();
        PublicKey other = Tokens.associated(theirs, mint, TOKEN);
        world.send(List.of(take(new AssociatedTokenInstruction.Create(), new AssociatedTokenInstruction.Create.Accounts(world.me, other, theirs, mint, TOKEN).metas())));
        world.send(List.of(
                take(new TokenInstruction.MintTo(1_000), new TokenInstruction.MintTo.Accounts(mint, mine, world.me).metas()),
                take(new TokenInstruction.MintToChecked(-1_001, 6), new TokenInstruction.MintToChecked.Accounts(mint, mine, world.me).metas())));
        assertThat(Long.toUnsignedString(world.mint(mint).supply())).isEqualTo("18446744073709551615");
        world.send(List.of(
                take(new TokenInstruction.Burn(1), new TokenInstruction.Burn.Accounts(mine, mint, world.me).metas()),
                take(new TokenInstruction.BurnChecked(4, 6), new TokenInstruction.BurnChecked.Accounts(mine, mint, world.me).metas()),
                take(new TokenInstruction.Transfer(5), new TokenInstruction.Transfer.Accounts(mine, other, world.me).metas()),
                take(new TokenInstruction.TransferChecked(6, 6), new TokenInstruction.TransferChecked.Accounts(mine, mint, other, world.me).metas())));
        assertThat(world.account(other).amount()).isEqualTo(11);
        assertThat(world.account(mine).amount()).isEqualTo(-1 - 5 - 11);

        world.send(List.of(take(new TokenInstruction.Approve(7), new TokenInstruction.Approve.Accounts(mine, theirs, world.me).metas())));
        assertThat(List.of(world.account(mine).delegate(), world.account(mine).delegatedAmount())).isEqualTo(List.of(Optional.of(theirs), 7L));
        world.send(List.of(take(new TokenInstruction.ApproveChecked(8, 6), new TokenInstruction.ApproveChecked.Accounts(mine, mint, theirs, world.me).metas())));
        assertThat(world.account(mine).delegatedAmount()).isEqualTo(8);
        world.send(List.of(take(new TokenInstruction.Revoke(), new TokenInstruction.Revoke.Accounts(mine, world.me).metas())));
        assertThat(world.account(mine).delegate()).isEmpty();

        var transfer = List.of(take(new TokenInstruction.Transfer(1), new TokenInstruction.Transfer.Accounts(mine, other, world.me).metas()));
        world.send(List.of(take(new TokenInstruction.FreezeAccount(), new TokenInstruction.FreezeAccount.Accounts(other, mint, world.me).metas())));
        assertThat(world.account(other).state()).isEqualTo(AccountState.FROZEN);
        assertThat(refused(world.attempt(transfer))).contains(TokenError.ACCOUNT_FROZEN);
        world.send(List.of(take(new TokenInstruction.ThawAccount(), new TokenInstruction.ThawAccount.Accounts(other, mint, world.me).metas())));
        world.send(transfer);

        ExecutedTransaction size = world.send(List.of(take(new TokenInstruction.GetAccountDataSize(), new TokenInstruction.GetAccountDataSize.Accounts(mint).metas())));
        assertThat(size.execution().returnData().orElseThrow().data()[0] & 0xff).isEqualTo(Account.SIZE);
        ExecutedTransaction shown = world.send(List.of(take(new TokenInstruction.AmountToUiAmount(1_500_000), new TokenInstruction.AmountToUiAmount.Accounts(mint).metas())));
        assertThat(new String(shown.execution().returnData().orElseThrow().data(), StandardCharsets.UTF_8)).isEqualTo("1.5");
    }

    private void keys_change(World world) {
        PublicKey mint = world.mint();
        PublicKey account = world.associated(world.me, mint);
        PublicKey next = Keypair.generate().publicKey();
        for (AuthorityType type : List.of(AuthorityType.MINT_TOKENS, AuthorityType.FREEZE_ACCOUNT)) {
            world.send(List.of(take(new TokenInstruction.SetAuthority(type, type == AuthorityType.MINT_TOKENS ? Optional.of(next) : Optional.empty()),
                    new TokenInstruction.SetAuthority.Accounts(mint, world.me).metas())));
        }
        assertThat(world.mint(mint)).isEqualTo(new Mint(Optional.of(next), 0, 6, true, Optional.empty()));
        world.send(List.of(take(new TokenInstruction.SetAuthority(AuthorityType.CLOSE_ACCOUNT, Optional.of(world.me)),
                new TokenInstruction.SetAuthority.Accounts(account, world.me).metas())));
        assertThat(world.account(account).closeAuthority()).contains(world.me);
        world.send(List.of(take(new TokenInstruction.CloseAccount(), new TokenInstruction.CloseAccount.Accounts(account, world.me, world.me).metas())));
        assertThat(world.chain.account(account)).isEmpty();

        PublicKey wrapped = world.associated(world.me, PublicKey.fromBase58Encoded("So11111111111111111111111111111111111111112"));
        world.send(List.of(BuiltIn.transferLamports(world.me, wrapped, 42), take(new TokenInstruction.SyncNative(), new TokenInstruction.SyncNative.Accounts(wrapped).metas())));
        assertThat(world.account(wrapped).amount()).isEqualTo(42);
        assertThat(world.account(wrapped).isNative()).contains(world.chain.minimumRent(Account.SIZE));
    }

    private void accounts_nest(World world) {
        PublicKey mint = world.mint();
        PublicKey mine = world.associated(world.me, mint);
        PublicKey nested = world.associated(mine, mint);
        world.send(List.of(Tokens.mintTo(mint, nested, world.me, 9, TOKEN),
                take(new AssociatedTokenInstruction.RecoverNested(), new AssociatedTokenInstruction.RecoverNested.Accounts(nested, mint, mine, mine, mint, world.me, TOKEN).metas())));
        assertThat(world.account(mine).amount()).isEqualTo(9);

        PublicKey stranger = Keypair.generate().publicKey();
        world.send(List.of(take(new TokenInstruction.SetAuthority(AuthorityType.ACCOUNT_OWNER, Optional.of(stranger)),
                new TokenInstruction.SetAuthority.Accounts(mine, world.me).metas())));
        assertThat(world.account(mine).owner()).isEqualTo(stranger);
        ExecutedTransaction again = world.attempt(List.of(Tokens.createAssociated(world.me, world.me, mint, TOKEN)));
        assertThat(again.execution().failure().orElseThrow().json()).contains("\"Custom\":" + AssociatedTokenError.INVALID_OWNER.code() + "}");
    }
}
