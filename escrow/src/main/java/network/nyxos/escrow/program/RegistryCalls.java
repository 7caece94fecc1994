package network.nyxos.escrow.program;

import java.util.List;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.RegistryInstruction;
import network.nyxos.escrow.token.Tokens;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// The registry's instructions with every address filled in that follows from others. Addresses are derived once, when this is made.
public final class RegistryCalls {
    /// Shortest unbonding time of a registry, in slots.
    public static final long MIN_UNBONDING_SLOTS = 150;
    /// Longest unbonding time of a registry, in slots.
    public static final long MAX_UNBONDING_SLOTS = 78_840_000;
    /// Shortest time for a move of a dispute, in slots.
    public static final long MIN_ANSWER_SLOTS = 10;
    /// Longest time for a move of a dispute, in slots.
    public static final long MAX_ANSWER_SLOTS = 216_000;

    private final Programs programs;
    private final PublicKey config;
    private final PublicKey bondMint;
    private final PublicKey tokenProgram;
    private final PublicKey bondVault;
    private final PublicKey eventAuthority;

    /// @param config       the Config account ({@link Programs#config})
    /// @param bondMint     its bond mint
    /// @param tokenProgram the program of that mint
    public RegistryCalls(Programs programs, PublicKey config, PublicKey bondMint, PublicKey tokenProgram) {
        this.programs = programs;
        this.config = config;
        this.bondMint = bondMint;
        this.tokenProgram = tokenProgram;
        this.bondVault = programs.bondVault(config);
        this.eventAuthority = programs.registryEventAuthority();
    }

    /// The Config account.
    public PublicKey config() {
        return config;
    }

    /// The account of a node.
    public PublicKey node(PublicKey nodeKey) {
        return programs.node(config, nodeKey);
    }

    /// What a registry is made with.
    ///
    /// @param id               the number that, with the creator, gives the Config its address
    /// @param authority        governs it
    /// @param minBond          of a node, base units of the bond mint, at least 1
    /// @param minValidatorBond of a validator, base units of the bond mint, at least 1
    /// @param unbondingSlots   how long a bond stays after it was asked back: {@link #MIN_UNBONDING_SLOTS} to {@link #MAX_UNBONDING_SLOTS}, and at least twice the window of every market that is to use it
    /// @param threshold        how many verifiers a quorum needs
    /// @param verifiers        1 to 7 distinct keys
    /// @param answerSlots      how long each move of a dispute may take, {@link #MIN_ANSWER_SLOTS} to {@link #MAX_ANSWER_SLOTS}; 0: receipts are not disputed on chain
    public record Terms(int id, PublicKey authority, long minBond, long minValidatorBond, long unbondingSlots, int threshold, List<PublicKey> verifiers,
                        long answerSlots) {
        /// Copies the list.
        public Terms {
            verifiers = List.copyOf(verifiers);
        }
    }

    /// Makes the Config and its bond vault. Signers: rent payer, creator.
    public Instruction initialize(PublicKey rentPayer, PublicKey creator, Terms terms) {
        return new RegistryInstruction.InitializeConfig(terms.id, terms.authority, terms.minBond, terms.minValidatorBond, terms.unbondingSlots, terms.threshold,
            terms.verifiers, terms.answerSlots).instruction(programs.registry(), new RegistryInstruction.InitializeConfig.Accounts(rentPayer, creator, config, bondMint, bondVault,
                tokenProgram, eventAuthority, programs.registry()));
    }

    /// Registers a node and takes its bond from the operator's associated token account. Signers: rent payer, operator, node key.
    ///
    /// @param sealingKey {@link PublicKey#NONE} where the node has none
    /// @param payout     the wallet whose associated token accounts are paid
    public Instruction register(PublicKey rentPayer, PublicKey operator, PublicKey nodeKey, Set<Tier> tiers, PublicKey receiptKey, PublicKey sealingKey,
                                PublicKey payout, long bond) {
        return new RegistryInstruction.RegisterNode(Tier.mask(tiers), receiptKey, sealingKey, payout, bond).instruction(programs.registry(),
            new RegistryInstruction.RegisterNode.Accounts(rentPayer, operator, nodeKey, config, node(nodeKey), token(operator), bondMint, bondVault, tokenProgram,
                eventAuthority, programs.registry()));
    }

    /// Adds to a node's bond. Signer: operator.
    public Instruction addBond(PublicKey operator, PublicKey nodeKey, long amount) {
        return new RegistryInstruction.AddBond(amount).instruction(programs.registry(), new RegistryInstruction.AddBond.Accounts(operator, config, node(nodeKey),
            token(operator), bondMint, bondVault, tokenProgram, eventAuthority, programs.registry()));
    }

    /// Changes what a node offers; new keys clear its attestation record. Signer: operator.
    public Instruction update(PublicKey operator, PublicKey nodeKey, Set<Tier> tiers, PublicKey receiptKey, PublicKey sealingKey, PublicKey payout) {
        return new RegistryInstruction.UpdateNode(Tier.mask(tiers), receiptKey, sealingKey, payout).instruction(programs.registry(),
            new RegistryInstruction.UpdateNode.Accounts(operator, config, node(nodeKey), eventAuthority, programs.registry()));
    }

    /// Starts the unbonding time; the node gets no more jobs. Signer: operator.
    public Instruction requestUnbond(PublicKey operator, PublicKey nodeKey) {
        return new RegistryInstruction.RequestUnbond().instruction(programs.registry(),
            new RegistryInstruction.RequestUnbond.Accounts(operator, config, node(nodeKey), eventAuthority, programs.registry()));
    }

    /// Takes the bond back when the unbonding time is over. Signer: operator.
    public Instruction withdrawBond(PublicKey operator, PublicKey nodeKey) {
        return new RegistryInstruction.WithdrawBond().instruction(programs.registry(), new RegistryInstruction.WithdrawBond.Accounts(operator, config,
            node(nodeKey), token(operator), bondMint, bondVault, tokenProgram, eventAuthority, programs.registry()));
    }

    /// Records that verifiers have checked a node's evidence; to be put into a transaction in this order.
    ///
    /// @param kind        1 TDX, 2 SNP
    /// @param measurement 48 bytes
    /// @param quorum      over {@link Digests#attestation}
    public List<Instruction> recordAttestation(PublicKey nodeKey, int kind, byte[] measurement, Hash quoteHash, PublicKey receiptKey, PublicKey sealingKey,
                                               long expirySlot, Quorum quorum) {
        return quorum.before(new RegistryInstruction.RecordAttestation(kind, measurement, quoteHash, receiptKey, sealingKey, expirySlot).instruction(
            programs.registry(), new RegistryInstruction.RecordAttestation.Accounts(config, node(nodeKey), eventAuthority, programs.registry())));
    }

    /// Takes from a node's bond; to be put into a transaction in this order.
    ///
    /// @param quorum over {@link Digests#slashNode}
    public List<Instruction> slashNode(PublicKey nodeKey, Slash slash, Quorum quorum) {
        PublicKey program = programs.registry();
        return quorum.before(new RegistryInstruction.SlashNode(slash.amount(), Slash.share(slash.reward()), Slash.share(slash.refund()), slash.evidenceHash())
            .instruction(program, new RegistryInstruction.SlashNode.Accounts(config, node(nodeKey), Slash.token(slash.reward(), program),
                Slash.token(slash.refund(), program), bondMint, bondVault, tokenProgram, eventAuthority, program)));
    }

    /// Ends a node's attestation for good; to be put into a transaction in this order.
    ///
    /// @param quoteHash the quote that its record stands on
    /// @param quorum    over {@link Digests#revocation}
    public List<Instruction> revokeAttestation(PublicKey nodeKey, Hash quoteHash, Quorum quorum) {
        return quorum.before(new RegistryInstruction.RevokeAttestation(quoteHash).instruction(programs.registry(),
            new RegistryInstruction.RevokeAttestation.Accounts(config, node(nodeKey), eventAuthority, programs.registry())));
    }

    /// Ends a node's attestation for good. Signer: operator.
    public Instruction withdrawAttestation(PublicKey operator, PublicKey nodeKey) {
        return new RegistryInstruction.WithdrawAttestation().instruction(programs.registry(),
            new RegistryInstruction.WithdrawAttestation.Accounts(operator, config, node(nodeKey), eventAuthority, programs.registry()));
    }

    /// Closes a node that has its bond back; its key can be registered anew. Claim its earnings first: afterwards they wait for whoever registers the key.
    /// Signer: operator.
    ///
    /// @param rentPayer who paid the node's rent and gets it back
    public Instruction closeNode(PublicKey operator, PublicKey nodeKey, PublicKey rentPayer) {
        return new RegistryInstruction.CloseNode().instruction(programs.registry(),
            new RegistryInstruction.CloseNode.Accounts(operator, config, node(nodeKey), rentPayer, eventAuthority, programs.registry()));
    }

    /// The calls of a dispute about a node's receipt.
    ///
    /// @param accuser who doubts it
    public DisputeCalls dispute(PublicKey nodeKey, Hash receiptHash, PublicKey accuser) {
        return new DisputeCalls(programs, config, bondMint, tokenProgram, nodeKey, receiptHash, accuser);
    }

    /// The account of a validator.
    public PublicKey validator(PublicKey validatorKey) {
        return programs.validator(config, validatorKey);
    }

    /// Registers a validator and takes its bond from the operator's associated token account. Signers: rent payer, operator, validator key.
    ///
    /// @param payout the wallet that what it earns is credited to
    /// @param bond   base units of the bond mint, at least {@link Terms#minValidatorBond}
    public Instruction registerValidator(PublicKey rentPayer, PublicKey operator, PublicKey validatorKey, PublicKey payout, long bond) {
        return new RegistryInstruction.RegisterValidator(payout, bond).instruction(programs.registry(), new RegistryInstruction.RegisterValidator.Accounts(rentPayer,
            operator, validatorKey, config, validator(validatorKey), token(operator), bondMint, bondVault, tokenProgram, eventAuthority, programs.registry()));
    }

    /// Adds to a validator's bond. Signer: operator.
    public Instruction addValidatorBond(PublicKey operator, PublicKey validatorKey, long amount) {
        return new RegistryInstruction.AddValidatorBond(amount).instruction(programs.registry(), new RegistryInstruction.AddValidatorBond.Accounts(operator, config,
            validator(validatorKey), token(operator), bondMint, bondVault, tokenProgram, eventAuthority, programs.registry()));
    }

    /// Changes who is paid for a validator. Signer: operator.
    public Instruction updateValidator(PublicKey operator, PublicKey validatorKey, PublicKey payout) {
        return new RegistryInstruction.UpdateValidator(payout).instruction(programs.registry(),
            new RegistryInstruction.UpdateValidator.Accounts(operator, config, validator(validatorKey), eventAuthority, programs.registry()));
    }

    /// Starts a validator's unbonding time; its verdicts count no more. Signer: operator.
    public Instruction requestValidatorUnbond(PublicKey operator, PublicKey validatorKey) {
        return new RegistryInstruction.RequestValidatorUnbond().instruction(programs.registry(),
            new RegistryInstruction.RequestValidatorUnbond.Accounts(operator, config, validator(validatorKey), eventAuthority, programs.registry()));
    }

    /// Takes a validator's bond back when the unbonding time is over. Signer: operator.
    public Instruction withdrawValidatorBond(PublicKey operator, PublicKey validatorKey) {
        return new RegistryInstruction.WithdrawValidatorBond().instruction(programs.registry(), new RegistryInstruction.WithdrawValidatorBond.Accounts(operator,
            config, validator(validatorKey), token(operator), bondMint, bondVault, tokenProgram, eventAuthority, programs.registry()));
    }

    /// Takes from a validator's bond; to be put into a transaction in this order.
    ///
    /// @param quorum over {@link Digests#slashValidator}
    public List<Instruction> slashValidator(PublicKey validatorKey, Slash slash, Quorum quorum) {
        PublicKey program = programs.registry();
        return quorum.before(new RegistryInstruction.SlashValidator(slash.amount(), Slash.share(slash.reward()), Slash.share(slash.refund()), slash.evidenceHash())
            .instruction(program, new RegistryInstruction.SlashValidator.Accounts(config, validator(validatorKey), Slash.token(slash.reward(), program),
                Slash.token(slash.refund(), program), bondMint, bondVault, tokenProgram, eventAuthority, program)));
    }

    /// Closes a validator that has its bond back; its key can be registered anew. Signer: operator.
    ///
    /// @param rentPayer who paid the validator's rent and gets it back
    public Instruction closeValidator(PublicKey operator, PublicKey validatorKey, PublicKey rentPayer) {
        return new RegistryInstruction.CloseValidator().instruction(programs.registry(),
            new RegistryInstruction.CloseValidator.Accounts(operator, config, validator(validatorKey), rentPayer, eventAuthority, programs.registry()));
    }

    /// Registers a model. Signers: rent payer, publisher, the config's authority.
    ///
    /// @param royaltyBps   0 to 3 000
    /// @param payee        the wallet that gets the royalty
    /// @param measurements under which a confidential node may serve it, 48 bytes each, at most four; none allows any
    public Instruction registerModel(PublicKey rentPayer, PublicKey publisher, PublicKey authority, Hash modelId, int royaltyBps, PublicKey payee,
                                     List<Measurement> measurements) {
        return new RegistryInstruction.RegisterModel(modelId, royaltyBps, payee, measurements).instruction(programs.registry(),
            new RegistryInstruction.RegisterModel.Accounts(rentPayer, publisher, authority, config, programs.model(config, modelId), eventAuthority,
                programs.registry()));
    }

    /// Changes a model's terms; a higher royalty waits for the unbonding time. Signer: publisher. Parameters as for {@link #registerModel}.
    public Instruction updateModel(PublicKey publisher, Hash modelId, int royaltyBps, PublicKey payee, List<Measurement> measurements) {
        return new RegistryInstruction.UpdateModel(royaltyBps, payee, measurements).instruction(programs.registry(),
            new RegistryInstruction.UpdateModel.Accounts(publisher, config, programs.model(config, modelId), eventAuthority, programs.registry()));
    }

    /// Retires a model for good. Signer: publisher.
    public Instruction retireModel(PublicKey publisher, Hash modelId) {
        return new RegistryInstruction.RetireModel().instruction(programs.registry(),
            new RegistryInstruction.RetireModel.Accounts(publisher, config, programs.model(config, modelId), eventAuthority, programs.registry()));
    }

    /// Announces the next verifier set, to be applied after one and a half unbonding times. Signers: rent payer, authority.
    ///
    /// @param threshold how many verifiers a quorum needs
    /// @param verifiers 1 to 7 distinct keys
    public Instruction proposeVerifiers(PublicKey rentPayer, PublicKey authority, int threshold, List<PublicKey> verifiers) {
        return new RegistryInstruction.ProposeVerifiers(threshold, verifiers).instruction(programs.registry(), new RegistryInstruction.ProposeVerifiers.Accounts(
            rentPayer, authority, config, programs.registryProposal(config), eventAuthority, programs.registry()));
    }

    /// Puts the announced verifier set in force when its slot has come. Anyone may send it.
    ///
    /// @param rentPayer who paid the proposal's rent and gets it back
    public Instruction applyVerifiers(PublicKey rentPayer) {
        return new RegistryInstruction.ApplyVerifiers().instruction(programs.registry(),
            new RegistryInstruction.ApplyVerifiers.Accounts(config, programs.registryProposal(config), rentPayer, eventAuthority, programs.registry()));
    }

    /// Takes the announced verifier set back. Signer: authority.
    ///
    /// @param rentPayer who paid the proposal's rent and gets it back
    public Instruction cancelVerifiers(PublicKey authority, PublicKey rentPayer) {
        return new RegistryInstruction.CancelVerifiers().instruction(programs.registry(),
            new RegistryInstruction.CancelVerifiers.Accounts(authority, config, programs.registryProposal(config), rentPayer, eventAuthority, programs.registry()));
    }

    /// Offers the authority to another key, which must accept it. Signer: authority.
    ///
    /// @param next {@link PublicKey#NONE} takes the offer back
    public Instruction proposeAuthority(PublicKey authority, PublicKey next) {
        return new RegistryInstruction.ProposeAuthority(next).instruction(programs.registry(),
            new RegistryInstruction.ProposeAuthority.Accounts(authority, config, eventAuthority, programs.registry()));
    }

    /// Takes the authority over that was offered. Signer: the new authority.
    public Instruction acceptAuthority(PublicKey authority) {
        return new RegistryInstruction.AcceptAuthority().instruction(programs.registry(),
            new RegistryInstruction.AcceptAuthority.Accounts(authority, config, eventAuthority, programs.registry()));
    }

    /// Stops new nodes and bonds, or lets them in again. Signer: authority.
    public Instruction setPaused(PublicKey authority, boolean paused) {
        return new RegistryInstruction.SetPaused(paused ? 1 : 0).instruction(programs.registry(),
            new RegistryInstruction.SetPaused.Accounts(authority, config, eventAuthority, programs.registry()));
    }

    private PublicKey token(PublicKey owner) {
        return Tokens.associated(owner, bondMint, tokenProgram);
    }
}
