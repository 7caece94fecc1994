package network.nyxos.cli.up;

import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.localnet.LocalChain;
import software.sava.core.accounts.PublicKey;

/**
 * A mint of the stack.
 *
 * @param symbol       short name
 * @param address      where it lies
 * @param tokenProgram SPL Token or Token-2022
 * @param decimals     decimals
 */
public record Mint(String symbol, PublicKey address, PublicKey tokenProgram, int decimals) {

    /** USDC at devnet's address, the one that stock x402 clients accept. */
    public static final Mint USDC = new Mint("USDC", PublicKey.fromBase58Encoded("4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"), LocalChain.TOKEN_PROGRAM, 6);

    /** $NYXOS at its mainnet address; a Token-2022 mint here, so that every run drives both token programs. */
    public static final Mint NYXOS = new Mint("NYXOS", PublicKey.fromBase58Encoded("6fJxSDFFqdfYwki8xPR6USZ1qotd3yyqmxEkDAFpump"), LocalChain.TOKEN_2022_PROGRAM, 6);

    /** The amount as people read it. */
    public String text(long baseUnits) {
        return Amounts.text(baseUnits, decimals, symbol);
    }

    /** What a wallet holds of it in its associated account, base units; 0 where it has none. */
    public long heldBy(PublicKey wallet, SolanaRpc rpc) {
        return rpc.tokenBalance(Tokens.associated(wallet, address, tokenProgram), Commitment.CONFIRMED).orElse(0L);
    }

    /** Base units of whole tokens. */
    public long units(long whole) {
        return Math.multiplyExact(whole, Math.powExact(10L, decimals));
    }
}
