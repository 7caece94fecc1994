package network.nyxos.cli.deploy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.program.Loader;
import network.nyxos.chain.program.ProgramCode;
import network.nyxos.chain.program.ProgramState;
import network.nyxos.cli.attach.SigningRequest;
import network.nyxos.cli.attach.Submission;
import network.nyxos.cli.up.StackException;
import network.nyxos.cli.up.Waits;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * One program on one cluster: what has to be done so that it is as it should be, what that costs, and the doing.
 *
 * <p>Every run looks at the chain first. So a run that was interrupted is gone on with by running it again, and a run that has nothing to do says so.
 */
final class ProgramDeployment {

    /**
     * What is wanted.
     *
     * @param name       {@code registry} or {@code escrow}
     * @param program    its id
     * @param key        the id's keypair, needed once: for the first deployment
     * @param code       its code
     * @param authority  who is to hold the upgrade authority; empty: whoever holds it
     * @param signer     the key of the authority, where it is at hand
     * @param reserve    bytes of code that a first deployment makes room for, at least the code's
     * @param bufferOnly whether only a buffer is wanted, which the authority then deploys itself
     */
    record Wanted(String name, PublicKey program, Optional<Keypair> key, ProgramCode code, Optional<PublicKey> authority, Optional<Keypair> signer, int reserve,
            boolean bufferOnly) {
    }

    /**
     * Lamports.
     *
     * @param stays what the payer has less afterwards: rent and fees
     * @param peak  what the payer must have on the way, because the buffer's rent comes back only at its end
     */
    record Cost(long stays, long peak) {
    }

    /** What has to be done. */
    private sealed interface Plan {

        /** Nothing. */
        record Done(Optional<PublicKey> authority) implements Plan {
        }

        /** A first deployment. */
        record First(CodeUpload upload, PublicKey authority) implements Plan {
        }

        /**
         * New code.
         *
         * @param extension bytes that the program must grow by first
         * @param holder    signs
         * @param next      who gets the authority with it, where that changes
         */
        record Upgrade(CodeUpload upload, long deployedSlot, int extension, Keypair holder, Optional<PublicKey> next) implements Plan {
        }

        /** Another authority for the same code. */
        record HandOver(PublicKey data, Keypair holder, PublicKey next) implements Plan {
        }

        /** A buffer for the authority to deploy. */
        record Stage(CodeUpload upload, int extension, PublicKey authority) implements Plan {
        }
    }

    private static final Duration SHOWN = Duration.ofSeconds(30);

    private final Submission submission;
    private final Wanted wanted;
    private final Plan plan;

    private ProgramDeployment(Submission submission, Wanted wanted, Plan plan) {
        this.submission = submission;
        this.wanted = wanted;
        this.plan = plan;
    }

    /**
     * Looks at the chain and decides; spends nothing.
     *
     * @throws StackException {@code program_id_taken}, {@code program_closed}, {@code program_final}, {@code program_absent}, {@code program_key_missing},
     *                        {@code authority_missing}, {@code authority_wrong}, {@code authority_key_missing}, {@code buffer_taken}
     */
    static ProgramDeployment plan(Submission submission, Wanted wanted) {
        Plan plan = switch (ProgramState.read(submission.rpc(), wanted.program(), Commitment.CONFIRMED)) {
            case ProgramState.Absent _ -> first(submission, wanted);
            case ProgramState.Foreign foreign -> throw new StackException("program_id_taken", "at " + wanted.program() + ", the id for " + wanted.name()
                    + ", lies an account of " + foreign.owner() + "; take a keypair that nothing was ever sent to");
            case ProgramState.Closed _ -> throw new StackException("program_closed", "the program " + wanted.program() + " was closed, and a closed id can never be deployed again; "
                    + "make another keypair for " + wanted.name());
            case ProgramState.Deployed deployed -> change(submission, wanted, deployed);
        };
        return new ProgramDeployment(submission, wanted, plan);
    }

    private static Plan first(Submission submission, Wanted wanted) {
        if (wanted.bufferOnly()) {
            throw new StackException("program_absent", "there is no program at " + wanted.program() + " to upgrade; the first deployment is made without --buffer-only, and "
                    + "hands the program to --authority in the same transaction");
        }
        if (wanted.key().isEmpty()) {
            throw new StackException("program_key_missing", "there is no program at " + wanted.program() + "; its first deployment needs the id's keypair file, not the address alone");
        }
        PublicKey authority = wanted.authority().orElseThrow(() -> new StackException("authority_missing", "say with --authority who may upgrade the program " + wanted.name()));
        return new Plan.First(CodeUpload.look(submission, wanted.program(), wanted.code(), Optional.empty()), authority);
    }

    private static Plan change(Submission submission, Wanted wanted, ProgramState.Deployed deployed) {
        boolean same = deployed.code().equals(wanted.code());
        boolean right = wanted.authority().isEmpty() || wanted.authority().equals(deployed.authority());
        if (same && right) {
            return new Plan.Done(deployed.authority());
        }
        PublicKey current = deployed.authority().orElseThrow(() -> new StackException("program_final", "the program " + wanted.program() + " has SHA-256 " + deployed.code().hash()
                + " and no upgrade authority: nobody can ever change it"));
        if (wanted.bufferOnly()) {
            if (!right) {
                throw wrongAuthority(wanted, current);
            }
            return new Plan.Stage(CodeUpload.look(submission, wanted.program(), wanted.code(), Optional.of(current)), extension(wanted, deployed), current);
        }
        Optional<Keypair> holder = Stream.concat(Stream.of(submission.payer()), wanted.signer().stream()).filter(key -> key.publicKey().equals(current)).findFirst();
        if (holder.isEmpty()) {
            throw right ? new StackException("authority_key_missing", "the upgrade authority of " + wanted.program() + " is " + current + ", whose key is not at hand: give "
                    + "--authority-key, or --buffer-only when a multisig has to sign") : wrongAuthority(wanted, current);
        }
        Optional<PublicKey> next = wanted.authority().filter(authority -> !authority.equals(current));
        if (same) {
            return new Plan.HandOver(deployed.dataAddress(), holder.get(), next.orElseThrow());
        }
        return new Plan.Upgrade(CodeUpload.look(submission, wanted.program(), wanted.code(), Optional.of(current)), deployed.slot(), extension(wanted, deployed), holder.get(), next);
    }

    private static StackException wrongAuthority(Wanted wanted, PublicKey current) {
        return new StackException("authority_wrong", "the upgrade authority of " + wanted.program() + " is " + current + ", wanted is " + wanted.authority().orElseThrow()
                + "; only " + current + " can hand it over (nyxos deploy authority)");
    }

    private static int extension(Wanted wanted, ProgramState.Deployed deployed) {
        int lacking = wanted.code().length() - deployed.capacity();
        return lacking <= 0 ? 0 : Math.min(Math.max(lacking, LoaderCalls.LEAST_EXTENSION), Loader.MAX_ACCOUNT - Loader.DATA_HEADER - deployed.capacity());
    }

    /** Whether all is as it should be. */
    boolean isDone() {
        return plan instanceof Plan.Done;
    }

    /** What it costs. */
    Cost cost() {
        return switch (plan) {
            case Plan.Done _ -> new Cost(0, 0);
            case Plan.First first -> {
                long fees = Math.addExact(first.upload().fees(), submission.fee(signs(first) ? 3 : 2));
                long programs = Math.addExact(rent(Loader.PROGRAM_SIZE), rent(Loader.DATA_HEADER + wanted.reserve()));
                // The loader gives the buffer's rent back before it takes the program's.
                long peak = Math.max(first.upload().rent(), programs - held(first.upload()));
                yield new Cost(Math.addExact(fees, programs - held(first.upload())), Math.addExact(fees, peak));
            }
            case Plan.Upgrade upgrade -> {
                long fees = Math.addExact(upgrade.upload().fees(), submission.fee(2) + (upgrade.extension() > 0 ? submission.fee(1) : 0));
                long grown = grown(upgrade.extension());
                yield new Cost(Math.addExact(fees, grown - held(upgrade.upload())), Math.addExact(fees, Math.addExact(upgrade.upload().rent(), grown)));
            }
            case Plan.HandOver _ -> new Cost(submission.fee(2), submission.fee(2));
            case Plan.Stage stage -> {
                long fees = Math.addExact(stage.upload().fees(), Math.addExact(submission.fee(1), stage.extension() > 0 ? submission.fee(1) : 0));
                long all = Math.addExact(fees, Math.addExact(stage.upload().rent(), grown(stage.extension())));
                yield new Cost(all, all);
            }
        };
    }

    /** What an earlier run left in the buffer, and this one gets back. */
    private long held(CodeUpload upload) {
        return upload.rent() == 0 ? rent(Loader.BUFFER_HEADER + wanted.code().length()) : 0;
    }

    private long grown(int extension) {
        return extension == 0 ? 0 : rent(Loader.DATA_HEADER + extension) - rent(Loader.DATA_HEADER);
    }

    private long rent(int bytes) {
        return submission.rpc().minimumRent(bytes);
    }

    /** What has to be done, a line for a person. */
    String describe() {
        String code = wanted.code().length() + " bytes, SHA-256 " + wanted.code().hash();
        return switch (plan) {
            case Plan.Done done -> wanted.program() + " is as it should be: " + code + ", upgrade authority " + done.authority().map(PublicKey::toBase58).orElse("none");
            case Plan.First first -> "first deployment at " + wanted.program() + ": " + code + ", " + chunks(first.upload()) + ", upgrade authority " + first.authority()
                    + (holds(first.authority()) ? "" : " (its key does not sign: make sure that it exists)");
            case Plan.Upgrade upgrade -> "upgrade of " + wanted.program() + ": " + code + ", " + chunks(upgrade.upload()) + longer(upgrade.extension()) + ", signed by "
                    + upgrade.holder().publicKey() + upgrade.next().map(next -> ", upgrade authority then " + next).orElse("");
            case Plan.HandOver hand -> wanted.program() + ": upgrade authority from " + hand.holder().publicKey() + " to " + hand.next();
            case Plan.Stage stage -> "buffer for an upgrade of " + wanted.program() + ": " + code + ", " + chunks(stage.upload()) + longer(stage.extension())
                    + ", to be deployed by " + stage.authority();
        };
    }

    private static String chunks(CodeUpload upload) {
        return upload.chunks() + " chunks" + (upload.present() == 0 ? "" : ", of which " + upload.present() + " are there already");
    }

    private static String longer(int extension) {
        return extension == 0 ? "" : ", " + extension + " bytes longer than now";
    }

    /** Whether the next authority, another than the payer, signs that it exists. */
    private boolean signs(Plan.First first) {
        return wanted.signer().filter(key -> key.publicKey().equals(first.authority()) && !key.publicKey().equals(submission.payer().publicKey())).isPresent();
    }

    private boolean holds(PublicKey authority) {
        return Stream.concat(Stream.of(submission.payer()), wanted.signer().stream()).anyMatch(key -> key.publicKey().equals(authority));
    }

    /** Does what has to be done, telling each step; afterwards the chain's bytes and authority have been compared. */
    void run(Steps steps) {
        switch (plan) {
            case Plan.Done _ -> steps.tell(describe());
            case Plan.First first -> deploy(first, steps);
            case Plan.Upgrade upgrade -> upgrade(upgrade, steps);
            case Plan.HandOver hand -> {
                handOver(submission, hand.data(), hand.holder(), hand.next(), wanted.signer(), steps);
                verify(Optional.of(hand.next()), steps);
            }
            case Plan.Stage stage -> stage(stage, steps);
        }
    }

    /** Where each step is told. */
    @FunctionalInterface
    interface Steps {

        /** Tells a step. */
        void tell(String line);
    }

    private void upload(CodeUpload upload, Steps steps) {
        int tenth = Math.max(1, upload.chunks() / 10);
        int[] told = {-1};
        upload.run(written -> {
            if (written / tenth > told[0] / tenth || written == upload.chunks()) {
                told[0] = written;
                steps.tell("buffer " + upload.buffer() + ": " + written + " of " + upload.chunks() + " chunks");
            }
        });
    }

    private void deploy(Plan.First first, Steps steps) {
        upload(first.upload(), steps);
        Keypair payer = submission.payer();
        var instructions = new ArrayList<>(LoaderCalls.deploy(payer.publicKey(), wanted.program(), first.upload().buffer(), payer.publicKey(), rent(Loader.PROGRAM_SIZE),
                wanted.reserve()));
        // In the same transaction: there is no moment in which the payer alone could change what others rely on.
        if (!first.authority().equals(payer.publicKey())) {
            PublicKey data = Loader.dataAddress(wanted.program());
            instructions.add(signs(first) ? LoaderCalls.setAuthorityChecked(data, payer.publicKey(), first.authority())
                    : LoaderCalls.setAuthority(data, payer.publicKey(), Optional.of(first.authority())));
        }
        Keypair[] signers = signs(first) ? new Keypair[] {wanted.key().orElseThrow(), wanted.signer().orElseThrow()} : new Keypair[] {wanted.key().orElseThrow()};
        Signature signature = submission.send("deploy " + wanted.name(), instructions, signers);
        steps.tell("deployed " + wanted.name() + " at " + wanted.program() + ", " + signature);
        verify(Optional.of(first.authority()), steps);
    }

    private void upgrade(Plan.Upgrade upgrade, Steps steps) {
        upload(upgrade.upload(), steps);
        long changed = Math.max(upgrade.deployedSlot(), extend(upgrade.extension(), steps));
        submission.awaitSlotAfter(changed);
        PublicKey payer = submission.payer().publicKey();
        PublicKey holder = upgrade.holder().publicKey();
        PublicKey buffer = upgrade.upload().buffer();
        List<Instruction> instructions = new ArrayList<>();
        if (!holder.equals(payer) && upgrade.upload().holder().filter(holder::equals).isEmpty()) {
            instructions.add(LoaderCalls.setAuthority(buffer, payer, Optional.of(holder)));
        }
        instructions.add(LoaderCalls.upgrade(wanted.program(), buffer, holder, payer));
        upgrade.next().ifPresent(next -> instructions.add(LoaderCalls.setAuthority(Loader.dataAddress(wanted.program()), holder, Optional.of(next))));
        Signature signature = submission.send("upgrade " + wanted.name(), instructions, upgrade.holder());
        steps.tell("upgraded " + wanted.name() + " at " + wanted.program() + ", " + signature);
        verify(Optional.of(upgrade.next().orElse(holder)), steps);
    }

    /** Makes room where that is needed; gives a slot not before which the program was changed, 0 where it was not. */
    private long extend(int bytes, Steps steps) {
        if (bytes == 0) {
            return 0;
        }
        Signature signature = submission.send("extend " + wanted.name(), List.of(LoaderCalls.extend(submission.payer().publicKey(), wanted.program(), bytes)));
        steps.tell("room for " + bytes + " more bytes in " + wanted.program() + ", " + signature);
        return submission.rpc().slot(Commitment.CONFIRMED);
    }

    private void stage(Plan.Stage stage, Steps steps) {
        upload(stage.upload(), steps);
        extend(stage.extension(), steps);
        PublicKey payer = submission.payer().publicKey();
        PublicKey buffer = stage.upload().buffer();
        if (!stage.authority().equals(payer) && stage.upload().holder().filter(stage.authority()::equals).isEmpty()) {
            Signature signature = submission.send("hand over the buffer", List.of(LoaderCalls.setAuthority(buffer, payer, Optional.of(stage.authority()))));
            steps.tell("buffer " + buffer + " handed over to " + stage.authority() + ", " + signature);
        }
        steps.tell("the buffer is ready. To upgrade " + wanted.name() + ":");
        new SigningRequest(stage.authority(), List.of(LoaderCalls.upgrade(wanted.program(), buffer, stage.authority(), payer))).lines(submission.rpc()).forEach(steps::tell);
        steps.tell("Before anybody signs: nyxos deploy show --buffer " + buffer + " must say SHA-256 " + wanted.code().hash()
                + ", the hash that everybody's own build of the source gives (onchain/build --check).");
    }

    /** Gives a program or a buffer to another authority; signed by that one, too, where its key is at hand. */
    static void handOver(Submission submission, PublicKey account, Keypair holder, PublicKey next, Optional<Keypair> nextKey, Steps steps) {
        Optional<Keypair> signer = Stream.concat(nextKey.stream(), Stream.of(submission.payer())).filter(key -> key.publicKey().equals(next)).findFirst();
        Signature signature = signer.isPresent()
                ? submission.send("hand over", List.of(LoaderCalls.setAuthorityChecked(account, holder.publicKey(), next)), holder, signer.get())
                : submission.send("hand over", List.of(LoaderCalls.setAuthority(account, holder.publicKey(), Optional.of(next))), holder);
        steps.tell("upgrade authority handed from " + holder.publicKey() + " to " + next + ", " + signature);
    }

    private void verify(Optional<PublicKey> authority, Steps steps) {
        ProgramState.Deployed deployed;
        try {
            deployed = Waits.until("the program to be shown as deployed", SHOWN, () -> ProgramState.read(submission.rpc(), wanted.program(), Commitment.CONFIRMED)
                    instanceof ProgramState.Deployed now && now.executable() && now.authority().equals(authority) && now.code().equals(wanted.code()) ? Optional.of(now) : Optional.empty());
        } catch (StackException e) {
            throw new StackException("verification_failed", "the chain does not show program " + wanted.program() + " with SHA-256 " + wanted.code().hash() + " and upgrade authority "
                    + authority.map(PublicKey::toBase58).orElse("none") + "; look with nyxos deploy show, and let no service use it before it does");
        }
        steps.tell(wanted.name() + " verified on chain byte for byte: SHA-256 " + deployed.code().hash() + ", upgrade authority " + deployed.authority().map(PublicKey::toBase58)
                .orElse("none") + ", slot " + deployed.slot());
    }
}
