package network.nyxos.relayer.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.dispute.SlashDraft;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.Revealed;

/// A dispute's papers as JSON, and what verifiers are asked to sign on them.
public final class DisputeJson {
    private DisputeJson() {
    }

    /// `{evidence hex, job hex, assignment b64, assignmentSignature b64, receipt b64, signature b64, reveal:{salt hex, promptIds, outputIds, constraints:{stop, format}, text:{nonce hex, messages:[{role, content}]}},
    /// replay (as in a batch)}`.
    public static ObjectNode write(Accusation papers) {
        ObjectNode json = Fields.object().put("evidence", papers.hash().hex()).put("job", papers.job().hex());
        BatchJson.papers(json, papers.receipt(), papers.assignment());
        Revealed revealed = papers.revealed();
        ObjectNode reveal = json.putObject("reveal").put("salt", revealed.salt().hex());
        ids(reveal.putArray("promptIds"), revealed.promptIds());
        ids(reveal.putArray("outputIds"), revealed.outputIds());
        constraints(reveal.putObject("constraints"), revealed.constraints());
        text(reveal.putObject("text"), revealed.text());
        json.set("replay", BatchJson.replay(papers.replay()));
        return json;
    }

    private static void constraints(ObjectNode json, Constraints constraints) {
        ArrayNode stop = json.putArray("stop");
        constraints.stop().forEach(stop::add);
        json.put("format", constraints.format());
    }

    private static void text(ObjectNode json, PromptText text) {
        ArrayNode messages = json.put("nonce", text.nonce().hex()).putArray("messages");
        text.messages().forEach(message -> messages.addObject().put("role", message.role()).put("content", message.content()));
    }

    private static void ids(ArrayNode array, int[] ids) {
        Arrays.stream(ids).forEach(array::add);
    }

    /// Reads what {@link #write(Accusation)} writes.
    ///
    /// @throws ProtocolException `dispute_hash` when the hash that it names is not its own, or with the code of what is malformed
    public static Accusation read(Fields json) {
        Fields reveal = json.child("reveal");
        PromptText text = text(reveal.child("text"));
        Fields constraints = reveal.child("constraints");
        var papers = new Accusation(BatchJson.assignment(json), BatchJson.receipt(json), new Revealed(reveal.hash("salt"), reveal.ids("promptIds"),
            reveal.ids("outputIds"), new Constraints(constraints.texts("stop"), constraints.text("format"), text.hash()), text), BatchJson.replay(json.child("replay")));
        if (!papers.hash().equals(json.hash("evidence"))) {
            throw new ProtocolException("dispute_hash", "these papers' hash is " + papers.hash() + ", not the one that is named");
        }
        return papers;
    }

    private static PromptText text(Fields json) {
        return new PromptText(json.hash("nonce"), json.list("messages", message -> new WireMessage.ChatMessage(message.text("role"), message.text("content"))));
    }

    /// `{dispute, accused, amount, reward?:{token, amount}}`.
    public static ObjectNode write(SlashDraft draft) {
        ObjectNode json = Fields.object().put("accused", draft.accused().toBase58());
        slash(json, draft.slash());
        json.set("dispute", write(draft.papers()));
        return json;
    }

    /// Adds `amount` and `reward`.
    public static void slash(ObjectNode json, Slash slash) {
        json.put("amount", Long.toString(slash.amount()));
        slash.reward().ifPresent(share -> json.putObject("reward").put("token", share.token().toBase58()).put("amount", Long.toString(share.amount())));
    }

    /// Reads what {@link #write(SlashDraft)} writes.
    ///
    /// @throws ProtocolException `slash_amounts` when the amounts cannot be a slash, or as {@link #read}
    public static SlashDraft readDraft(Fields json) {
        Accusation papers = read(json.child("dispute"));
        try {
            Slash whole = Slash.burning(json.amount("amount"), papers.hash());
            Optional<Fields> reward = json.maybe("reward");
            return new SlashDraft(papers, json.key("accused"), reward.map(share -> whole.rewarding(share.key("token"), share.amount("amount"))).orElse(whole));
        } catch (ProtocolException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("slash_amounts", e.getMessage(), e);
        }
    }
}
