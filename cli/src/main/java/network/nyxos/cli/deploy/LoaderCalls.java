package network.nyxos.cli.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.program.Loader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.WellKnown;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/** Instructions of the upgradeable loader. Their data is bincode: the instruction's number as u32, then its arguments. */
final class LoaderCalls {

    /** The least that the loader extends a program by, in bytes (SIMD-0431). */
    static final int LEAST_EXTENSION = 10_240;

    private static final PublicKey RENT = PublicKey.fromBase58Encoded("SysvarRent111111111111111111111111111111111");
    private static final PublicKey CLOCK = PublicKey.fromBase58Encoded("SysvarC1ock11111111111111111111111111111111");
    private static final int INITIALIZE_BUFFER = 0;
    private static final int WRITE = 1;
    private static final int DEPLOY_WITH_MAX_DATA_LENGTH = 2;
    private static final int UPGRADE = 3;
    private static final int SET_AUTHORITY = 4;
    private static final int CLOSE = 5;
    private static final int EXTEND_PROGRAM = 6;
    private static final int SET_AUTHORITY_CHECKED = 7;

    private LoaderCalls() {
    }

    private static Instruction call(List<AccountMeta> accounts, BorshWriter data) {
        return Instruction.createInstruction(Loader.UPGRADEABLE, accounts, data.toByteArray());
    }

    private static BorshWriter data(int instruction, int more) {
        return new BorshWriter(4 + more).u32(instruction);
    }

    /**
     * Makes a buffer. The two belong into one transaction, else somebody else could take the buffer in between. Signers: payer, buffer.
     *
     * @param lamports rent of the buffer
     * @param length   bytes of code that it has room for
     */
    static List<Instruction> createBuffer(PublicKey payer, PublicKey buffer, PublicKey authority, long lamports, int length) {
        return List.of(BuiltIn.createAccount(payer, buffer, lamports, Loader.BUFFER_HEADER + (long) length, Loader.UPGRADEABLE),
                call(List.of(AccountMeta.createWrite(buffer), AccountMeta.createRead(authority)), data(INITIALIZE_BUFFER, 0)));
    }

    /** Writes code into a buffer. Signer: authority. */
    static Instruction write(PublicKey buffer, PublicKey authority, int offset, byte[] bytes) {
        BorshWriter data = data(WRITE, 12 + bytes.length).u32(offset).u64(bytes.length);
        data.bytes(bytes, bytes.length);
        return call(List.of(AccountMeta.createWrite(buffer), AccountMeta.createReadOnlySigner(authority)), data);
    }

    /**
     * Makes a program of a buffer. The two belong into one transaction, else somebody else could take the program id in between. Signers: payer, program, authority.
     *
     * @param authority of the buffer, and then of the program
     * @param lamports  rent of the program's own account
     * @param length    bytes of code that the program has room for
     */
    static List<Instruction> deploy(PublicKey payer, PublicKey program, PublicKey buffer, PublicKey authority, long lamports, int length) {
        return List.of(BuiltIn.createAccount(payer, program, lamports, Loader.PROGRAM_SIZE, Loader.UPGRADEABLE),
                call(List.of(AccountMeta.createWritableSigner(payer), AccountMeta.createWrite(Loader.dataAddress(program)), AccountMeta.createWrite(program),
                        AccountMeta.createWrite(buffer), AccountMeta.createRead(RENT), AccountMeta.createRead(CLOCK), AccountMeta.createRead(WellKnown.SYSTEM),
                        AccountMeta.createReadOnlySigner(authority)), data(DEPLOY_WITH_MAX_DATA_LENGTH, 8).u64(length)));
    }

    /**
     * Puts a buffer's code into a program. Signer: authority, of both.
     *
     * @param spill gets the buffer's lamports
     */
    static Instruction upgrade(PublicKey program, PublicKey buffer, PublicKey authority, PublicKey spill) {
        return call(List.of(AccountMeta.createWrite(Loader.dataAddress(program)), AccountMeta.createWrite(program), AccountMeta.createWrite(buffer),
                AccountMeta.createWrite(spill), AccountMeta.createRead(RENT), AccountMeta.createRead(CLOCK), AccountMeta.createReadOnlySigner(authority)), data(UPGRADE, 0));
    }

    /**
     * Gives a buffer or a program's data to another authority. Signer: the current one.
     *
     * @param account the buffer, or the program's data account
     * @param next    empty: nobody may ever change it again
     */
    static Instruction setAuthority(PublicKey account, PublicKey current, Optional<PublicKey> next) {
        var accounts = new ArrayList<>(List.of(AccountMeta.createWrite(account), AccountMeta.createReadOnlySigner(current)));
        next.ifPresent(key -> accounts.add(AccountMeta.createRead(key)));
        return call(accounts, data(SET_AUTHORITY, 0));
    }

    /** As {@link #setAuthority}, signed by the next one as well: nobody is given what he cannot use. */
    static Instruction setAuthorityChecked(PublicKey account, PublicKey current, PublicKey next) {
        return call(List.of(AccountMeta.createWrite(account), AccountMeta.createReadOnlySigner(current), AccountMeta.createReadOnlySigner(next)),
                data(SET_AUTHORITY_CHECKED, 0));
    }

    /** Closes a buffer. Signer: its authority. */
    static Instruction closeBuffer(PublicKey buffer, PublicKey authority, PublicKey recipient) {
        return call(List.of(AccountMeta.createWrite(buffer), AccountMeta.createWrite(recipient), AccountMeta.createReadOnlySigner(authority)), data(CLOSE, 0));
    }

    /**
     * Gives a program room for more code. Signer: payer.
     *
     * @param bytes at least {@link #LEAST_EXTENSION}
     */
    static Instruction extend(PublicKey payer, PublicKey program, int bytes) {
        return call(List.of(AccountMeta.createWrite(Loader.dataAddress(program)), AccountMeta.createWrite(program), AccountMeta.createRead(WellKnown.SYSTEM),
                AccountMeta.createWritableSigner(payer)), data(EXTEND_PROGRAM, 4).u32(bytes));
    }
}
