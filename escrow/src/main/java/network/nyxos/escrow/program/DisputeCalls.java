package network.nyxos.escrow.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.program.registry.RegistryInstruction;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.token.Tokens;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// The instructions of one dispute (`docs/disputes.md`) with every address filled in. Addresses are derived once, when this is made.
public final class DisputeCalls {
    /// Bytes of evidence that a transaction has room for beside one signature and the payer's.
    public static final int PIECE = 800;

    private final Programs programs;
    private final PublicKey config;
    private final PublicKey bondMint;
    private final PublicKey tokenProgram;
    private final PublicKey nodeKey;
    private final PublicKey accuser;
    private final PublicKey node;
    private final PublicKey dispute;
    private final PublicKey evidence;
    private final PublicKey bondVault;
    private final PublicKey eventAuthority;

    DisputeCalls(Programs programs, PublicKey config, PublicKey bondMint, PublicKey tokenProgram, PublicKey nodeKey, Hash receiptHash, PublicKey accuser) {
        this.programs = programs;
        this.config = config;
        this.bondMint = bondMint;
        this.tokenProgram = tokenProgram;
        this.nodeKey = nodeKey;
        this.accuser = accuser;
        this.node = programs.node(config, nodeKey);
        this.dispute = programs.dispute(node, receiptHash, accuser);
        this.evidence = programs.evidence(dispute);
        this.bondVault = programs.bondVault(config);
        this.eventAuthority = programs.registryEventAuthority();
    }

    /// The Dispute account.
    public PublicKey address() {
        return dispute;
    }

    /// The Evidence account.
    public PublicKey evidence() {
        return evidence;
    }

    /// Begins it; to be put into a transaction in this order. The stake is the registry's least bond of a node, from the accuser's associated token account.
    /// Signers: rent payer, accuser.
    ///
    /// @param receipt    the receipt that is doubted, and its signature
    /// @param receiptKey who signed it: the node's key, or the one before it while that counts
    public List<Instruction> open(PublicKey rentPayer, SignedReceipt receipt, PublicKey receiptKey) {
        var entry = new Ed25519Instruction.Entry(receiptKey, receipt.signature(), receipt.receipt().hash().bytes());
        var call = new RegistryInstruction.OpenDispute(receipt.receipt().encode());
        return List.of(Ed25519Instruction.of(List.of(entry)), call.instruction(programs.registry(), new RegistryInstruction.OpenDispute.Accounts(rentPayer, accuser,
            config, node, dispute, Tokens.associated(accuser, bondMint, tokenProgram), bondMint, bondVault, tokenProgram, eventAuthority, programs.registry())));
    }

    /// Shows the model, by evidence written before. Signer: accuser.
    ///
    /// @param last whether the reply's last token is in doubt
    public Instruction showModel(boolean last, Hash tokenizerHash) {
        return new RegistryInstruction.ShowModel(last ? 1 : 0, tokenizerHash).instruction(programs.registry(),
            new RegistryInstruction.ShowModel.Accounts(accuser, config, dispute, evidence, eventAuthority, programs.registry()));
    }

    /// Opens what is asked for. Signer: node key.
    ///
    /// @param bytes by the dispute's phase
    public Instruction answer(byte[] bytes) {
        return new RegistryInstruction.Answer(bytes).instruction(programs.registry(),
            new RegistryInstruction.Answer.Accounts(nodeKey, config, dispute, eventAuthority, programs.registry()));
    }

    /// Says where to look. Signer: accuser.
    ///
    /// @param choice by the dispute's phase
    public Instruction choose(int choice) {
        return new RegistryInstruction.Choose(choice).instruction(programs.registry(),
            new RegistryInstruction.Choose.Accounts(accuser, config, dispute, eventAuthority, programs.registry()));
    }

    /// Asks, once, for the salt, the prompt's ids and the reply's. Signer: node key.
    public Instruction askIds() {
        return new RegistryInstruction.AskIds().instruction(programs.registry(),
            new RegistryInstruction.AskIds.Accounts(nodeKey, config, dispute, eventAuthority, programs.registry()));
    }

    /// Shows them, by evidence written before. Signer: accuser.
    public Instruction showIds() {
        return new RegistryInstruction.ShowIds().instruction(programs.registry(),
            new RegistryInstruction.ShowIds.Accounts(accuser, config, dispute, evidence, eventAuthority, programs.registry()));
    }

    /// Proves that the node lied, by evidence written before; half of its bond goes to the accuser's associated token account. Signer: accuser.
    ///
    /// @param element  which number of the chunk is wrong
    /// @param rentPayer who paid the dispute's rent and gets it back
    public Instruction proveFault(long element, PublicKey rentPayer) {
        return new RegistryInstruction.ProveFault(element).instruction(programs.registry(), new RegistryInstruction.ProveFault.Accounts(accuser, config, node, dispute,
            evidence, Tokens.associated(accuser, bondMint, tokenProgram), bondMint, bondVault, tokenProgram, rentPayer, eventAuthority, programs.registry()));
    }

    /// Ends it: from the deadline on anybody, against who was silent; before it the accuser, who gives up. Signer: ender.
    ///
    /// @param winner   whose associated token account is paid: the accuser where the node was silent, else the node's payout
    /// @param rentPayer who paid the dispute's rent and gets it back
    public Instruction end(PublicKey ender, PublicKey winner, PublicKey rentPayer) {
        return new RegistryInstruction.EndDispute().instruction(programs.registry(), new RegistryInstruction.EndDispute.Accounts(ender, config, node, dispute,
            Tokens.associated(winner, bondMint, tokenProgram), bondMint, bondVault, tokenProgram, rentPayer, eventAuthority, programs.registry()));
    }

    /// Makes the account that a winner is paid on, where there is none.
    ///
    /// @param payer pays its rent, signs
    public Instruction openWinnerToken(PublicKey payer, PublicKey winner) {
        return Tokens.createAssociated(payer, winner, bondMint, tokenProgram);
    }

    /// Makes the account for evidence. Signer: accuser, who pays its rent.
    public Instruction openEvidence() {
        return new RegistryInstruction.OpenEvidence().instruction(programs.registry(), new RegistryInstruction.OpenEvidence.Accounts(accuser, dispute, evidence));
    }

    /// Writes evidence in pieces that fit a transaction each, in any order. Refused between {@link #showIds} and the node's answer. Signer of each: accuser.
    public List<Instruction> write(byte[] bytes) {
        var pieces = new ArrayList<Instruction>();
        for (int offset = 0; offset < bytes.length; offset += PIECE) {
            byte[] piece = Arrays.copyOfRange(bytes, offset, Math.min(bytes.length, offset + PIECE));
            pieces.add(new RegistryInstruction.WriteEvidence(offset, piece).instruction(programs.registry(),
                new RegistryInstruction.WriteEvidence.Accounts(accuser, dispute, evidence)));
        }
        return pieces;
    }

    /// Closes the evidence, also when the dispute is over; its rent goes back to the accuser. Other evidence needs an account made anew. Signer: accuser.
    public Instruction closeEvidence() {
        return new RegistryInstruction.CloseEvidence().instruction(programs.registry(), new RegistryInstruction.CloseEvidence.Accounts(accuser, dispute, evidence));
    }
}
