package network.nyxos.escrow.program;

import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.program.escrow.EscrowInstruction;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import software.sava.core.accounts.PublicKey;

/// What a node shows the program to settle a job by itself: the payer's two words, the gateway's, and its own charge.
///
/// @param sessionKey       the escrow's session key
/// @param voucher          the payer's bound: the one that came with the request, or a later one of the same escrow
/// @param voucherSignature the session key's over it
/// @param binding          which request the payer asked for
/// @param bindingSignature the session key's over it
/// @param assignment       the gateway's order to this node
/// @param charge           base units, 1 to the assignment's ceiling
/// @param receiptHash      of the node's receipt
public record DirectSettlement(PublicKey sessionKey, Voucher voucher, Signature voucherSignature, RequestBinding binding, Signature bindingSignature,
                               SignedAssignment assignment, long charge, Hash receiptHash) {
    /// @throws ProtocolException `direct_mismatch` when the words are not about one job, `direct_charge` for a charge that the assignment does not allow
    public DirectSettlement {
        Assignment order = assignment.assignment();
        boolean oneJob = voucher.escrow().equals(binding.escrow()) && order.payment() == Payment.VOUCHER && order.requestHash().equals(binding.requestHash())
            && order.jobId().equals(JobId.voucher(binding.escrow(), binding.nonce()));
        if (!oneJob) {
            throw new ProtocolException("direct_mismatch", "voucher, request binding and assignment must be of one voucher-paid job, job " + order.jobId().hex() + " is not");
        }
        if (charge < 1 || charge > order.ceiling()) {
            throw new ProtocolException("direct_charge", "a charge must be 1 to the ceiling of " + order.ceiling() + " base units, is " + charge);
        }
    }

    /// The job.
    public Hash jobId() {
        return assignment.assignment().jobId();
    }

    /// The same with another voucher, for when what was settled since has used this one's bound up.
    public DirectSettlement with(Voucher later, Signature signature) {
        return new DirectSettlement(sessionKey, later, signature, binding, bindingSignature, assignment, charge, receiptHash);
    }

    List<Ed25519Instruction.Entry> entries() {
        return List.of(new Ed25519Instruction.Entry(sessionKey, voucherSignature, voucher.encode()),
            new Ed25519Instruction.Entry(sessionKey, bindingSignature, binding.digest().bytes()),
            new Ed25519Instruction.Entry(assignment.assignment().gateway(), assignment.signature(), assignment.assignment().digest().bytes()));
    }

    EscrowInstruction.SettleDirect instruction() {
        Assignment order = assignment.assignment();
        return new EscrowInstruction.SettleDirect(binding.nonce(), binding.cumulative(), binding.requestHash(), order.tier().code(), order.ceiling(), order.workHash(), charge,
            receiptHash);
    }
}
