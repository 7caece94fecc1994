package network.nyxos.escrow.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.program.Digests;
import software.sava.core.accounts.PublicKey;

/// What a gateway tells the relayer about a job (`POST /v1/jobs`, protocol §9), signed over the body's bytes.
///
/// @param job        the job id; must follow from the payment
/// @param assignment the order that counts; none when no node took the job
/// @param payment    how it was paid
/// @param outcome    what became of it
/// @param charge     base units, 0 or more
/// @param reason     why, for people; empty when there is nothing to say
public record JobRecord(Hash job, Optional<SignedAssignment> assignment, PaymentRecord payment, Outcome outcome, long charge, String reason) {
    /// The most bytes of a body.
    public static final int MAX_BODY = 64 * 1024;
    /// The header that holds {@link #signatureHeader}.
    public static final String SIGNATURE_HEADER = SignatureHeader.NAME;
    private static final String MALFORMED = "job_record_malformed";

    /// What became of a job at the gateway.
    public enum Outcome {
        /// Paid or reserved; the work has not ended.
        RESERVED,
        /// The node is done.
        COMPLETED,
        /// There will be no result.
        FAILED;

        /// The name in JSON.
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Outcome ofWireName(String name) {
            for (Outcome outcome : values()) {
                if (outcome.wireName().equals(name)) {
                    return outcome;
                }
            }
            throw new ProtocolException(MALFORMED, "an outcome is reserved, completed or failed");
        }
    }

    /// @throws ProtocolException `job_record_malformed` when job, assignment and payment do not belong together
    public JobRecord {
        if (!payment.jobId().equals(job)) {
            throw new ProtocolException(MALFORMED, "job must be the one that follows from the payment, " + payment.jobId());
        }
        if (assignment.isPresent() && !assignment.get().assignment().jobId().equals(job)) {
            throw new ProtocolException(MALFORMED, "the assignment is another job's");
        }
        if (charge < 0) {
            throw new ProtocolException(MALFORMED, "charge must be 0 or more");
        }
    }

    /// Reads a body.
    ///
    /// @throws ProtocolException `job_record_malformed`, or the code of a voucher or assignment inside that is wrong
    public static JobRecord decode(byte[] body) {
        if (body.length > MAX_BODY) {
            throw new ProtocolException(MALFORMED, "a job record has at most " + MAX_BODY + " bytes");
        }
        Json json = Json.parse(body, "", MALFORMED);
        Optional<SignedAssignment> assignment = json.has("assignment") || json.has("assignmentSignature")
            ? Optional.of(json.assignment("assignment", "assignmentSignature")) : Optional.empty();
        var record = new JobRecord(json.hash("job"), assignment, PaymentJson.read(json.child("payment")), json.named("outcome", Outcome::ofWireName),
            json.amount("charge"), json.text("reason"));
        json.end();
        return record;
    }

    /// Writes the body. Keep these bytes: the signature is over them.
    public byte[] encode() {
        ObjectNode json = Json.object().put("job", job.hex());
        assignment.ifPresent(signed -> json.put("assignment", Json.base64(signed.assignment().encode())).put("assignmentSignature", signed.signature().base64()));
        json.set("payment", PaymentJson.write(payment));
        return Json.bytes(json.put("outcome", outcome.wireName()).put("charge", Long.toString(charge)).put("reason", reason));
    }

    /// The header's value for a body: `<gateway key> <signature b64>`.
    public static String signatureHeader(byte[] body, Keypair gateway) {
        return SignatureHeader.of(gateway, Digests.jobRecord(body));
    }

    /// Checks the header of a body. Whether that gateway is one to trust is the caller's question.
    ///
    /// @return the gateway's key
    /// @throws ProtocolException `signature_header_malformed` or `signature_invalid`
    public static PublicKey verifySignatureHeader(byte[] body, String header) {
        return SignatureHeader.verify(header, Digests.jobRecord(body));
    }
}
