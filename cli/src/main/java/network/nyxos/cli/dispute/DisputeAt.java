package network.nyxos.cli.dispute;

import java.util.Locale;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.node.engine.dispute.DisputeState;
import software.sava.core.accounts.PublicKey;

/**
 * A dispute on chain.
 *
 * @param address  its account's
 * @param account  its account
 * @param registry where the node is bonded
 */
record DisputeAt(PublicKey address, Dispute account, ChainSession.Registry registry) {

    /** @throws StackException {@code dispute_missing}: it never was, or is over */
    static DisputeAt require(ChainSession chain, String text) {
        PublicKey address = Attachment.key("DISPUTE", text);
        Dispute account = chain.owned(address, chain.programs().registry()).filter(found -> Dispute.matches(found.data())).map(found -> Dispute.decode(found.data()))
                .orElseThrow(() -> new StackException("dispute_missing", "no dispute at " + address + ": it is over, or never was"));
        return new DisputeAt(address, account, chain.registry(account.config()));
    }

    DisputeState state() {
        return DisputeState.of(account);
    }

    /** Whether who is to move has let the time pass. */
    boolean overdue(long slot) {
        return Long.compareUnsigned(slot, account.deadlineSlot()) >= 0;
    }

    DisputeCalls calls() {
        return registry.calls().dispute(account.nodeKey(), account.receiptHash(), account.accuser());
    }

    Sheet sheet(long slot) {
        DisputeState state = state();
        Sheet sheet = new Sheet().put("dispute", address).put("receipt", account.receiptHash().hex()).put("model", account.modelId().hex()).put("node", account.nodeKey())
                .put("accuser", account.accuser()).put("stake", account.stake(), registry.bond().text(account.stake()));
        sheet.put("phase", state.phase().name().toLowerCase(Locale.ROOT)).put("to move", state.phase().isNodes() ? "node" : "accuser");
        sheet.put("until", account.deadlineSlot(), overdue(slot) ? "overdue: `nyxos dispute end` ends it" : Slots.from(account.deadlineSlot(), slot));
        sheet.put("place", state.level().name().toLowerCase(Locale.ROOT) + ", " + state.count() + " leaves from " + state.first());
        return sheet.put("step", account.position(), Long.toString(account.position())).put("layer", account.layer(), Long.toString(account.layer()))
                .put("vector", account.vector(), Integer.toString(account.vector()));
    }
}
