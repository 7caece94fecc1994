package network.nyxos.gateway.payment;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.transaction.WireTransaction.WireInstruction;
import software.sava.core.accounts.PublicKey;

/// The rules of x402's `exact` scheme on Solana that need no chain. They decide what the sponsor may put its signature under, so everything that is not known
/// to be harmless is refused: other signers, lookup tables, instructions beside transfer, memo and read-only assertions, the sponsor's account anywhere.
public final class ExactRules {
    private static final PublicKey LIGHTHOUSE = PublicKey.fromBase58Encoded("L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95");
    // 0 and 1 write and close memory accounts, with rent from a signer; 2 to 17 only look.
    private static final int FIRST_ASSERTION = 2;
    private static final int LAST_ASSERTION = 17;
    private static final int LEAST_INSTRUCTIONS = 3;
    private static final int MOST_INSTRUCTIONS = 7;
    private static final int MOST_WITH_ASSERTIONS = 10;
    private static final int SET_LIMIT = 2;
    private static final int SET_PRICE = 3;
    private static final int TRANSFER_CHECKED = 12;

    private final PublicKey sponsor;
    private final SponsorPolicy policy;

    /// @param sponsor the fee payer of every transaction that passes
    /// @param policy  what it pays at most
    public ExactRules(PublicKey sponsor, SponsorPolicy policy) {
        this.sponsor = sponsor;
        this.policy = policy;
    }

    /// Checks a payment against requirements of scheme `exact`.
    ///
    /// @param payload the scheme's part: `{transaction}`
    /// @throws PaymentException with the code of the rule that it breaks
    public ExactPayment check(JsonNode payload, Requirements required) {
        String feePayer = required.extra("feePayer")
            .orElseThrow(() -> new PaymentException(PaymentError.NO_FEE_PAYER, "the requirements name no extra.feePayer"));
        require(feePayer.equals(sponsor.toBase58()), PaymentError.FOREIGN_FEE_PAYER, "fee payer " + feePayer + " is not ours");
        WireTransaction transaction = decode(payload);
        require(transaction.feePayer().equals(sponsor), PaymentError.FEE_PAYER, "the transaction's fee payer must be " + feePayer);
        require(transaction.signers().size() == SponsorPolicy.SIGNATURES, PaymentError.SIGNERS,
            "the signers must be fee payer and payer, these are " + transaction.signers().size());
        List<WireInstruction> instructions = transaction.instructions();
        layout(instructions);
        budget(instructions);
        WireInstruction transfer = transferOf(instructions);
        Optional<String> memo = beside(instructions, transfer);
        return payment(transaction, transfer, memo, required);
    }

    /// The mint that a payment moves, for clients that do not say which offer they took.
    ///
    /// @throws PaymentException when there is no such transaction, or no transfer in it
    public static PublicKey mintOf(JsonNode payload) {
        return decode(payload).instructions().stream()
            .filter(each -> (each.program().equals(WellKnown.TOKEN) || each.program().equals(WellKnown.TOKEN_2022)) && each.accounts().size() > 1)
            .map(each -> each.accounts().get(1)).findFirst()
            .orElseThrow(() -> new PaymentException(PaymentError.NO_TRANSFER, "the transaction transfers no tokens"));
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new PaymentException(code, message);
        }
    }

    private static WireTransaction decode(JsonNode payload) {
        require(payload.path("transaction").isTextual(), PaymentError.NO_TRANSACTION, "payload.transaction must be the base64 of a transaction");
        try {
            return WireTransaction.decodeBase64(payload.path("transaction").textValue());
        } catch (ProtocolException e) {
            throw new PaymentException(PaymentError.UNDECODABLE, e.getMessage());
        }
    }

    private static void layout(List<WireInstruction> instructions) {
        long assertions = instructions.stream().filter(each -> each.program().equals(LIGHTHOUSE)).count();
        long others = instructions.size() - assertions;
        require(others >= LEAST_INSTRUCTIONS && others <= MOST_INSTRUCTIONS && instructions.size() <= MOST_WITH_ASSERTIONS, PaymentError.LENGTH,
            "a payment has " + LEAST_INSTRUCTIONS + " to " + MOST_INSTRUCTIONS + " instructions, wallets' assertions aside; this has " + instructions.size());
    }

    private void budget(List<WireInstruction> instructions) {
        byte[] limit = data(instructions.get(0), WellKnown.COMPUTE_BUDGET, SET_LIMIT, 5, PaymentError.LIMIT, "the first instruction must set the compute unit limit");
        byte[] price = data(instructions.get(1), WellKnown.COMPUTE_BUDGET, SET_PRICE, 9, PaymentError.PRICE, "the second instruction must set the compute unit price");
        require(instructions.get(0).accounts().isEmpty(), PaymentError.LIMIT, "setting the compute unit limit takes no accounts");
        require(instructions.get(1).accounts().isEmpty(), PaymentError.PRICE, "setting the compute unit price takes no accounts");
        long units = Integer.toUnsignedLong(little(limit).getInt(1));
        long microLamports = little(price).getLong(1);
        require(units <= policy.maxComputeUnits(), PaymentError.LIMIT_TOO_HIGH, "the compute unit limit is " + units + ", at most " + policy.maxComputeUnits() + " are paid for");
        require(microLamports >= 0 && microLamports <= SponsorPolicy.MAX_MICRO_LAMPORTS, PaymentError.PRICE_TOO_HIGH,
            "the compute unit price is " + Long.toUnsignedString(microLamports) + ", at most " + SponsorPolicy.MAX_MICRO_LAMPORTS + " is paid");
        long lamports = SponsorPolicy.lamports(units, microLamports);
        require(lamports <= policy.maxLamports(), PaymentError.PRICE_TOO_HIGH,
            "the fees would be " + lamports + " lamports, at most " + policy.maxLamports() + " are paid: lower the compute unit limit or price");
    }

    private static ByteBuffer little(byte[] data) {
        return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] data(WireInstruction instruction, PublicKey program, int discriminator, int length, String code, String message) {
        byte[] data = instruction.data();
        require(instruction.program().equals(program) && data.length == length && data[0] == discriminator, code, message);
        return data;
    }

    /// The first instruction after the budget that is no assertion.
    private static WireInstruction transferOf(List<WireInstruction> instructions) {
        WireInstruction found = instructions.subList(2, instructions.size()).stream().filter(each -> !each.program().equals(LIGHTHOUSE)).findFirst().orElseThrow();
        boolean tokenProgram = found.program().equals(WellKnown.TOKEN) || found.program().equals(WellKnown.TOKEN_2022);
        byte[] data = found.data();
        require(tokenProgram && data.length == 10 && data[0] == TRANSFER_CHECKED && found.accounts().size() == 4, PaymentError.NO_TRANSFER,
            "after the compute budget comes one TransferChecked with source, mint, destination and owner");
        return found;
    }

    private Optional<String> beside(List<WireInstruction> instructions, WireInstruction transfer) {
        var memos = new ArrayList<String>();
        boolean transferMet = false;
        for (WireInstruction each : instructions.subList(2, instructions.size())) {
            if (!transferMet && each == transfer) {
                transferMet = true;
                notTheSponsor(each);
            } else if (each.program().equals(LIGHTHOUSE)) {
                assertion(each);
            } else if (each.program().equals(WellKnown.MEMO)) {
                notTheSponsor(each);
                memos.add(new String(each.data(), StandardCharsets.UTF_8));
            } else {
                throw new PaymentException(PaymentError.UNKNOWN_INSTRUCTION, "beside the transfer there may be a memo and Lighthouse assertions, not a call of " + each.program());
            }
        }
        require(memos.size() <= 1, PaymentError.MEMO_COUNT, "a payment has at most one memo, this has " + memos.size());
        return memos.stream().findFirst();
    }

    private void notTheSponsor(WireInstruction instruction) {
        require(!instruction.accounts().contains(sponsor), PaymentError.SPONSOR_TRANSFERS, "the fee payer may not be an account of an instruction");
    }

    /// Assertions may name the sponsor, as wallets' guards do: they only read.
    private static void assertion(WireInstruction instruction) {
        byte[] data = instruction.data();
        require(data.length > 0 && (data[0] & 0xFF) >= FIRST_ASSERTION && (data[0] & 0xFF) <= LAST_ASSERTION, PaymentError.UNKNOWN_INSTRUCTION,
            "of Lighthouse only assertions are taken; this one could spend the fee payer's lamports");
    }

    private ExactPayment payment(WireTransaction transaction, WireInstruction transfer, Optional<String> memo, Requirements required) {
        PublicKey mint = transfer.accounts().get(1);
        PublicKey payer = transfer.accounts().get(3);
        require(mint.equals(required.asset()), PaymentError.MINT, "it pays in mint " + mint + ", asked for is " + required.asset());
        PublicKey destination = Tokens.associated(required.payTo(), mint, transfer.program());
        require(transfer.accounts().get(2).equals(destination), PaymentError.RECIPIENT, "it pays to " + transfer.accounts().get(2) + ", the account of "
            + required.payTo() + " is " + destination);
        long amount = little(transfer.data()).getLong(1);
        require(amount == required.amount(), PaymentError.AMOUNT, "it pays " + Long.toUnsignedString(amount) + ", asked for are " + required.amount());
        require(transaction.signers().get(1).equals(payer), PaymentError.SIGNERS, "the second signer must be the owner of the source account");
        required.extra("memo").ifPresent(expected -> {
            require(memo.isPresent(), PaymentError.MEMO_COUNT, "the memo is missing");
            require(memo.get().equals(expected), PaymentError.MEMO, "the memo is another than the one asked for");
        });
        require(Ed25519.fastest().verify(payer, transaction.message(), transaction.signatures().get(1)), PaymentError.SIGNATURE, "the payer's signature is missing or wrong");
        return new ExactPayment(transaction, transaction.messageHash(), payer, mint, required.payTo(), amount, memo);
    }
}
