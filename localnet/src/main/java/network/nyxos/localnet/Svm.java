package network.nyxos.localnet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/**
 * The virtual machine: LiteSVM behind its C ABI. One thread uses an instance at a time.
 *
 * <p>The byte forms of inputs and replies are described in {@code localnet/native/src/lib.rs}.
 */
final class Svm implements AutoCloseable {

    /** The Clock and the hashes that a slot starts with; hashes newest first. */
    record SlotState(long slot, long unixTime, long epoch, long epochStart, Collection<SlotHash> slotHashes, Collection<byte[]> recentBlockhashes) {
    }

    /** A past slot and its hash. */
    record SlotHash(long slot, byte[] hash) {
    }

    private static final int ABI = 1;
    private static final int OK = 0;
    private static final int REFUSED = 1;

    private static Optional<Library> loaded = Optional.empty();

    private final Library library;
    private final MemorySegment handle;
    private boolean closed;

    /** Loads the native library first, where that has not been done. */
    Svm() {
        library = library();
        try {
            handle = (MemorySegment) library.create.invokeExact();
        } catch (Throwable t) {
            throw new ChainFailure("The virtual machine did not start", t);
        }
        if (handle.equals(MemorySegment.NULL)) {
            throw new ChainFailure("The virtual machine did not start");
        }
    }

    void enter(SlotState state) {
        ByteWriter in = new ByteWriter(32 * 1024)
                .u64(state.slot()).u64(state.unixTime()).u64(state.epoch()).u64(state.epochStart()).u64(state.epoch() + 1);
        in.u32(state.slotHashes().size());
        state.slotHashes().forEach(hash -> in.u64(hash.slot()).raw(hash.hash()));
        in.u32(state.recentBlockhashes().size());
        state.recentBlockhashes().forEach(in::raw);
        call(library.setSlot, in.toByteArray());
    }

    Optional<ChainAccount> account(PublicKey address) {
        byte[] reply = call(library.getAccount, address.toByteArray());
        return reply.length == 0 ? Optional.empty() : Optional.of(new ByteReader(reply).account());
    }

    /** Writes an account; one with 0 lamports is removed. */
    void setAccount(PublicKey address, ChainAccount account) {
        call(library.setAccount, new ByteWriter(account.data().length + 128).key(address).account(account).toByteArray());
    }

    List<AccountChange> programAccounts(PublicKey owner) {
        return accounts(call(library.programAccounts, owner.toByteArray()));
    }

    /** Deploys an ELF file and returns the accounts that hold it, the program's data before the program. */
    List<AccountChange> addProgram(PublicKey program, byte[] elf) {
        return accounts(call(library.addProgram, new ByteWriter(elf.length + 32).key(program).raw(elf).toByteArray()));
    }

    /** Verifies, executes and commits; the reply is an execution, see {@link Execution#read}. */
    byte[] send(byte[] wire) {
        return call(library.send, wire);
    }

    /** Executes without a trace; the reply is an execution, see {@link Execution#read}. */
    byte[] simulate(byte[] wire, boolean verifySignatures) {
        return call(library.simulate, new ByteWriter(wire.length + 1).u8(verifySignatures ? 1 : 0).raw(wire).toByteArray());
    }

    long minimumRent(long dataLength) {
        return new ByteReader(call(library.minimumRent, new ByteWriter(8).u64(dataLength).toByteArray())).u64();
    }

    @Override
    public void close() {
        closed = true;
        try {
            library.free.invokeExact(handle);
        } catch (Throwable t) {
            throw new ChainFailure("The virtual machine did not close", t);
        }
    }

    /** Not a static field's value: a library that is missing is then told of each time, and in its own words. */
    private static synchronized Library library() {
        if (loaded.isEmpty()) {
            loaded = Optional.of(new Library(NativeLibrary.find()));
        }
        return loaded.get();
    }

    private static List<AccountChange> accounts(byte[] reply) {
        ByteReader in = new ByteReader(reply);
        int count = in.u32();
        List<AccountChange> found = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            found.add(new AccountChange(in.key(), Optional.of(in.account())));
        }
        return found;
    }

    private byte[] call(MethodHandle function, byte[] input) {
        if (closed) {
            throw new IllegalStateException("the virtual machine is closed");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(Math.max(1, input.length));
            MemorySegment.copy(input, 0, in, JAVA_BYTE, 0, input.length);
            MemorySegment reply = arena.allocate(Library.REPLY);
            int code = (int) function.invokeExact(handle, in, (long) input.length, reply);
            byte[] out = library.take(reply);
            if (code == OK) {
                return out;
            }
            String message = new String(out, StandardCharsets.UTF_8);
            throw code == REFUSED ? new IllegalArgumentException(message) : new ChainFailure(message);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new ChainFailure("A call into the virtual machine failed", t);
        }
    }

    /** The library's functions; loaded once and kept for the life of the process. */
    private static final class Library {

        static final MemoryLayout REPLY = MemoryLayout.structLayout(ADDRESS.withName("data"), JAVA_LONG.withName("len"));

        private final SymbolLookup symbols;
        final MethodHandle create;
        final MethodHandle free;
        final MethodHandle release;
        final MethodHandle setSlot;
        final MethodHandle getAccount;
        final MethodHandle setAccount;
        final MethodHandle programAccounts;
        final MethodHandle addProgram;
        final MethodHandle send;
        final MethodHandle simulate;
        final MethodHandle minimumRent;

        Library(Path path) {
            try {
                symbols = SymbolLookup.libraryLookup(path, Arena.global());
            } catch (IllegalArgumentException e) {
                throw new ChainFailure("The native library " + path + " does not load on this machine; run ./nyxos build here", e);
            }
            release = function("nyxos_svm_release", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));
            refuseStale(path);
            create = function("nyxos_svm_new", FunctionDescriptor.of(ADDRESS));
            free = function("nyxos_svm_free", FunctionDescriptor.ofVoid(ADDRESS));
            setSlot = callOf("nyxos_svm_set_slot");
            getAccount = callOf("nyxos_svm_get_account");
            setAccount = callOf("nyxos_svm_set_account");
            programAccounts = callOf("nyxos_svm_program_accounts");
            addProgram = callOf("nyxos_svm_add_program");
            send = callOf("nyxos_svm_send");
            simulate = callOf("nyxos_svm_simulate");
            minimumRent = callOf("nyxos_svm_minimum_rent");
        }

        /** Copies a reply out and gives its memory back. */
        byte[] take(MemorySegment reply) throws Throwable {
            MemorySegment data = reply.get(ADDRESS, 0);
            long length = reply.get(JAVA_LONG, ADDRESS.byteSize());
            byte[] out = data.reinterpret(length).toArray(JAVA_BYTE);
            release.invokeExact(data, length);
            return out;
        }

        private void refuseStale(Path path) {
            try (Arena arena = Arena.ofConfined()) {
                int abi = (int) function("nyxos_svm_abi", FunctionDescriptor.of(JAVA_INT)).invokeExact();
                MemorySegment reply = arena.allocate(REPLY);
                int code = (int) function("nyxos_svm_source", FunctionDescriptor.of(JAVA_INT, ADDRESS)).invokeExact(reply);
                String source = new String(take(reply), StandardCharsets.US_ASCII);
                if (abi != ABI || code != OK || !source.equals(NativeLibrary.sourceHash())) {
                    throw new ChainFailure("The native library " + path + " was built from other sources (" + source
                            + ") than this jar carries (" + NativeLibrary.sourceHash() + "). Run ./nyxos build");
                }
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new ChainFailure("The native library " + path + " does not answer", t);
            }
        }

        private MethodHandle callOf(String name) {
            return function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
        }

        private MethodHandle function(String name, FunctionDescriptor descriptor) {
            MemorySegment symbol = symbols.find(name)
                    .orElseThrow(() -> new ChainFailure("The native library has no function " + name + ". Run ./nyxos build"));
            return Linker.nativeLinker().downcallHandle(symbol, descriptor);
        }
    }
}
