package network.nyxos.escrow.program;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.escrow.EscrowInstruction;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/// The escrow program's instructions that concern a market as a whole; {@link #pool} gives those of one mint.
public final class MarketCalls {
    /// Escrows that one refreshing of operators may name; a legacy transaction has room for them.
    public static final int MAX_REFRESHED = 28;
    /// Gateways that a market may name.
    public static final int MAX_GATEWAYS = 4;

    private final Programs programs;
    private final PublicKey market;
    private final PublicKey registryConfig;
    private final PublicKey eventAuthority;

    /// @param market         the Market account ({@link Programs#market})
    /// @param registryConfig the registry Config whose nodes it pays
    public MarketCalls(Programs programs, PublicKey market, PublicKey registryConfig) {
        this.programs = programs;
        this.market = market;
        this.registryConfig = registryConfig;
        this.eventAuthority = programs.escrowEventAuthority();
    }

    /// The Market account.
    public PublicKey market() {
        return market;
    }

    /// What a market is made with.
    ///
    /// @param id             the number that, with cluster and creator, gives it its address
    /// @param cluster        the chain's genesis hash
    /// @param authority      may make pools
    /// @param operator       settles and posts
    /// @param treasury       the wallet that the fee is credited to
    /// @param feeBps         0 to 2 000
    /// @param challengeSlots how long a batch can be voided; at most half the registry's unbonding time
    /// @param exitSlots      how long an exit waits, at least 150
    /// @param directSlots    after how long without a batch nodes may settle by themselves, at least `challengeSlots`; 0: never
    /// @param minPosterBond  base units of the bond mint that who posts batches must have at stake; 0: none
    /// @param threshold      how many verifiers a quorum needs
    /// @param verifiers      1 to 7 distinct keys
    /// @param gateways       at most 4 distinct keys, by whose assignments nodes may settle by themselves
    public record Terms(int id, Hash cluster, PublicKey authority, PublicKey operator, PublicKey treasury, int feeBps, long challengeSlots, long exitSlots,
                        long directSlots, long minPosterBond, int threshold, List<PublicKey> verifiers, List<PublicKey> gateways) {
        /// Copies the lists.
        public Terms {
            verifiers = List.copyOf(verifiers);
            gateways = List.copyOf(gateways);
        }

        /// The same with another least bond of who posts.
        public Terms withMinPosterBond(long least) {
            return new Terms(id, cluster, authority, operator, treasury, feeBps, challengeSlots, exitSlots, directSlots, least, threshold, verifiers, gateways);
        }
    }

    /// The gateways that a market or its terms name, without the places that nobody has.
    public static List<PublicKey> named(List<PublicKey> gateways) {
        return gateways.stream().filter(gateway -> !gateway.equals(PublicKey.NONE)).toList();
    }

    /// Makes the Market. Signers: rent payer, creator.
    ///
    /// @param posters of the mint that bonds are to be in
    public Instruction initialize(PublicKey rentPayer, PublicKey creator, PosterCalls posters, Terms terms) {
        return new EscrowInstruction.InitializeMarket(terms.id, terms.cluster, terms.authority, terms.operator, terms.treasury, terms.feeBps, terms.challengeSlots,
            terms.exitSlots, terms.directSlots, terms.minPosterBond, programs.registry(), registryConfig, terms.threshold, terms.verifiers, terms.gateways).instruction(programs.escrow(),
            new EscrowInstruction.InitializeMarket.Accounts(rentPayer, creator, market, registryConfig, posters.bondMint(), posters.bondVault(), posters.tokenProgram(),
                eventAuthority, programs.escrow()));
    }

    /// The account of the terms that are proposed.
    public PublicKey termsAccount() {
        return programs.terms(market);
    }

    /// Stops new money from coming in, or lets it in again. Signer: authority.
    public Instruction setPaused(PublicKey authority, boolean paused) {
        return new EscrowInstruction.SetPaused(paused ? 1 : 0).instruction(programs.escrow(),
            new EscrowInstruction.SetPaused.Accounts(authority, market, eventAuthority, programs.escrow()));
    }

    /// Sets who operates, who gets the fee, and to whom the authority is offered. Signer: authority.
    ///
    /// @param nominee who may take the authority with {@link #acceptAuthority}; {@link PublicKey#NONE} for nobody
    public Instruction update(PublicKey authority, PublicKey operator, PublicKey treasury, PublicKey nominee) {
        return new EscrowInstruction.UpdateMarket(operator, treasury, nominee).instruction(programs.escrow(),
            new EscrowInstruction.UpdateMarket.Accounts(authority, market, eventAuthority, programs.escrow()));
    }

    /// Takes the authority that was offered. Signer: nominee.
    public Instruction acceptAuthority(PublicKey nominee) {
        return new EscrowInstruction.AcceptAuthority().instruction(programs.escrow(),
            new EscrowInstruction.AcceptAuthority.Accounts(nominee, market, eventAuthority, programs.escrow()));
    }

    /// Proposes what can be changed of the terms: fee, slots, least bond of who posts, threshold, verifiers, gateways. Signers: rent payer, authority.
    public Instruction proposeTerms(PublicKey rentPayer, PublicKey authority, Terms terms) {
        return new EscrowInstruction.ProposeTerms(terms.feeBps, terms.challengeSlots, terms.exitSlots, terms.directSlots, terms.minPosterBond, terms.threshold, terms.verifiers,
            terms.gateways)
            .instruction(programs.escrow(),
                new EscrowInstruction.ProposeTerms.Accounts(rentPayer, authority, market, registryConfig, termsAccount(), eventAuthority,
                    programs.escrow()));
    }

    /// Puts proposed terms into force once everybody could have left. Anyone may send it.
    ///
    /// @param rentPayer who paid the proposal's rent and gets it back
    public Instruction applyTerms(PublicKey rentPayer) {
        return new EscrowInstruction.ApplyTerms().instruction(programs.escrow(),
            new EscrowInstruction.ApplyTerms.Accounts(market, termsAccount(), rentPayer, eventAuthority, programs.escrow()));
    }

    /// Takes a proposal back. Signer: authority.
    ///
    /// @param rentPayer who paid the proposal's rent and gets it back
    public Instruction cancelTerms(PublicKey authority, PublicKey rentPayer) {
        return new EscrowInstruction.CancelTerms().instruction(programs.escrow(),
            new EscrowInstruction.CancelTerms.Accounts(authority, market, termsAccount(), rentPayer, eventAuthority, programs.escrow()));
    }

    /// Gives escrows the market's present operator. Anyone may send it.
    ///
    /// @param escrows 1 to {@link #MAX_REFRESHED}
    public Instruction refreshOperator(List<PublicKey> escrows) {
        return new EscrowInstruction.RefreshOperator().instruction(programs.escrow(),
            new EscrowInstruction.RefreshOperator.Accounts(market, eventAuthority, programs.escrow()), escrows.stream().map(AccountMeta::createWrite).toList());
    }

    /// Starts an escrow's exit. Signer: payer.
    public Instruction requestExit(PublicKey payer, PublicKey escrow) {
        return new EscrowInstruction.RequestExit().instruction(programs.escrow(),
            new EscrowInstruction.RequestExit.Accounts(payer, market, escrow, eventAuthority, programs.escrow()));
    }

    /// The instructions about who posts batches and what it answers with.
    ///
    /// @param bondMint     the market's
    /// @param tokenProgram the program of that mint
    public PosterCalls posters(PublicKey bondMint, PublicKey tokenProgram) {
        return new PosterCalls(programs, market, eventAuthority, bondMint, tokenProgram);
    }

    /// The instructions of the market's pool for a mint.
    ///
    /// @param tokenProgram the program of the mint
    public PoolCalls pool(PublicKey mint, PublicKey tokenProgram) {
        return new PoolCalls(programs, market, registryConfig, eventAuthority, mint, tokenProgram);
    }
}
