package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.route.Routing;
import software.sava.core.accounts.PublicKey;

/// What the client learns of a finished job beside the text: the `nyxos` member of a completion.
///
/// @param job        the job
/// @param tier       as asked for
/// @param mint       what was paid in
/// @param charge     what it cost, base units
/// @param assignment what the node was to do, as the gateway signed it; the receipt names it, and it commits to why this node was chosen
/// @param receipt    the node's signed account
/// @param choices    of a chat: what the receipt counts of each choice; empty for embeddings
/// @param used       what the escrow has used so far, this job included; empty for `exact`
/// @param routing    which nodes it was given to and why
/// @param paid       the gateway's own signed word that this was paid for and served, as x402's `offer-receipt` has it
public record Served(Hash job, Tier tier, PublicKey mint, long charge, SignedAssignment assignment, SignedReceipt receipt, List<ReplyChoice> choices, OptionalLong used, Routing routing, ObjectNode paid) {
}
