package network.nyxos.indexer.content;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.tree.MerkleTree;
import network.nyxos.indexer.project.BatchRow;
import network.nyxos.indexer.project.PoolRow;
import software.sava.core.accounts.PublicKey;

/// The content of a batch that has been checked: its receipts make the receipts root, its credits the credit root and sum, every receipt is signed by a
/// receipt key that its node has had, and answers the assignment beside it. How a job was paid is not under any root: it stays the relayer's word.
///
/// @param jobs in the order of the tree
/// @param credits in the order of the tree
public record BatchContent(List<Job> jobs, List<Credit> credits) {
    // What a database can hold and a page can show: the end of the year 9999.
    private static final long LAST_MS = 253_402_300_799_999L;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9]{1,128}");

    /// Copies the lists.
    public BatchContent {
        jobs = List.copyOf(jobs);
        credits = List.copyOf(credits);
    }

    /// A job in a batch.
    ///
    /// @param receipt signed by the node
    /// @param payment how the relayer says it was paid
    public record Job(SignedReceipt receipt, Optional<ReportedPayment> payment) {
    }

    /// How the relayer says a job was paid.
    ///
    /// @param kind `exact` or `voucher`
    /// @param payer wallet, of an exact payment
    /// @param amount base units, of an exact payment
    /// @param transaction of an exact payment
    /// @param escrow of a voucher payment
    public record ReportedPayment(String kind, Optional<String> payer, Optional<String> amount, Optional<String> transaction, Optional<String> escrow) {
    }

    /// Checks a document against the batch that the chain has.
    ///
    /// @param document the relayer's answer
    /// @param batch as on chain
    /// @param pool the batch's pool
    /// @param receiptKeys all receipt keys that a node has ever had, by node key
    /// @throws ContentRefusedException when it is not the batch's content
    public static BatchContent check(JsonNode document, BatchRow batch, PoolRow pool, Function<PublicKey, Set<PublicKey>> receiptKeys) {
        try {
            return new Check(batch, pool, receiptKeys).run(document);
        } catch (ProtocolException e) {
            throw new ContentRefusedException("document_malformed", e.getMessage() + " (" + e.code() + ")");
        }
    }

    private record Check(BatchRow batch, PoolRow pool, Function<PublicKey, Set<PublicKey>> receiptKeys) {
        BatchContent run(JsonNode document) {
            same("pool_differs", "pool", text(document, "pool"), pool.address());
            same("mint_differs", "mint", text(document, "mint"), pool.mint());
            List<Job> jobs = jobs(array(document, "receipts"));
            same("receipts_count_differs", "number of receipts", jobs.size(), batch.receiptsCount());
            Hash receiptsRoot = MerkleTree.of(jobs.stream().map(job -> job.receipt().receipt().hash()).toList()).root();
            same("receipts_root_differs", "root of the receipts", receiptsRoot.hex(), batch.receiptsRoot());

            List<Credit> credits = credits(array(document, "credits"));
            same("payee_count_differs", "number of credits", credits.size(), batch.payeeCount());
            var root = CreditTree.of(key("pool", pool.address()), credits).root();
            same("credit_sum_differs", "sum of the credits", new BigInteger(Long.toUnsignedString(root.sum())), batch.creditSum());
            same("credit_root_differs", "root of the credits", root.hash().hex(), batch.creditRoot());
            return new BatchContent(jobs, credits);
        }

        private List<Job> jobs(JsonNode receipts) {
            var jobs = new ArrayList<Job>();
            var ids = new HashSet<Hash>();
            for (JsonNode entry : receipts) {
                Receipt receipt = Receipt.decode(bytes(entry, "receipt"));
                var signed = new SignedReceipt(receipt, Signature.fromBase64(text(entry, "signature")));
                if (receipt.startMs() < 0 || receipt.endMs() > LAST_MS || receipt.engine().chars().anyMatch(Character::isISOControl)) {
                    throw new ContentRefusedException("receipt_unprintable", "the receipt of job " + receipt.jobId() + " has times or an engine that cannot be shown");
                }
                if (!ids.add(receipt.jobId())) {
                    throw new ContentRefusedException("job_twice", "job " + receipt.jobId() + " is there twice");
                }
                same("receipt_mint_differs", "mint of job " + receipt.jobId(), receipt.mint().toBase58(), pool.mint());
                if (receiptKeys.apply(receipt.node()).stream().noneMatch(signed::verify)) {
                    throw new ContentRefusedException("receipt_signature_invalid",
                        "the receipt of job " + receipt.jobId() + " is signed by no receipt key that node " + receipt.node() + " has had");
                }
                if (entry.hasNonNull("assignment")) {
                    same("assignment_differs", "assignment of job " + receipt.jobId(), Assignment.decode(bytes(entry, "assignment")).digest(),
                        receipt.assignmentHash());
                }
                jobs.add(new Job(signed, payment(entry.path("payment"))));
            }
            return jobs;
        }

        private static List<Credit> credits(JsonNode entries) {
            var credits = new ArrayList<Credit>();
            for (JsonNode entry : entries) {
                String kind = text(entry, "kind");
                CreditKind known = Arrays.stream(CreditKind.values()).filter(one -> one.wireName().equals(kind)).findFirst()
                    .orElseThrow(() -> malformed("kind", "a credit kind"));
                credits.add(new Credit(key("payee", text(entry, "payee")), known, amount(entry, "cumulative")));
            }
            return credits;
        }

        private static Optional<ReportedPayment> payment(JsonNode node) {
            return optional(node, "kind").map(kind -> new ReportedPayment(kind, optional(node, "payer"), optional(node, "amount"),
                optional(node, "transaction"), optional(node, "escrow")));
        }

        private static void same(String code, String what, Object given, Object onChain) {
            if (!String.valueOf(given).equals(String.valueOf(onChain))) {
                throw new ContentRefusedException(code, "the " + what + " is " + given + ", on chain it is " + onChain);
            }
        }

        private static ContentRefusedException malformed(String field, String expected) {
            return new ContentRefusedException("document_malformed", "field " + field + " must be " + expected);
        }

        private static JsonNode array(JsonNode node, String field) {
            if (!node.path(field).isArray()) {
                throw malformed(field, "an array");
            }
            return node.path(field);
        }

        private static String text(JsonNode node, String field) {
            if (!node.path(field).isTextual()) {
                throw malformed(field, "a text");
            }
            return node.path(field).textValue();
        }

        private static Optional<String> optional(JsonNode node, String field) {
            return Optional.ofNullable(node.path(field).textValue()).filter(text -> WORD.matcher(text).matches());
        }

        private static byte[] bytes(JsonNode node, String field) {
            try {
                return Base64.getDecoder().decode(text(node, field));
            } catch (IllegalArgumentException _) {
                throw malformed(field, "base64");
            }
        }

        private static PublicKey key(String field, String text) {
            try {
                return PublicKey.fromBase58Encoded(text);
            } catch (RuntimeException _) {
                throw malformed(field, "a base58 public key");
            }
        }

        private static long amount(JsonNode node, String field) {
            String text = text(node, field);
            try {
                return Long.parseUnsignedLong(text);
            } catch (NumberFormatException _) {
                throw malformed(field, "a u64 as decimal text");
            }
        }
    }
}
