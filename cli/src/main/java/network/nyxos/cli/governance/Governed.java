package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** What has an authority and a stop: a market or a registry, as the chain has it. */
sealed interface Governed permits GovernedMarket, GovernedRegistry {

    /** {@code market} or {@code registry}, as the command is called. */
    String kind();

    /** Its account. */
    PublicKey address();

    /** Who governs it. */
    PublicKey authority();

    /** Who may take the authority. */
    Optional<PublicKey> nominee();

    /** Whether new money is stopped. */
    boolean paused();

    /** What a stop stops and what it does not, for a person. */
    List<String> stops();

    /** Stops or starts. Signer: authority. */
    Instruction setPaused(boolean paused);

    /**
     * Offers the authority. Signer: authority.
     *
     * @param next {@link PublicKey#NONE} takes the offer back
     */
    Instruction offer(PublicKey next);

    /** Takes the authority that was offered. Signer: the nominee. */
    Instruction accept();

    /** A key, where it is one. */
    static Optional<PublicKey> present(PublicKey key) {
        return Optional.of(key).filter(each -> !each.equals(PublicKey.NONE));
    }
}
