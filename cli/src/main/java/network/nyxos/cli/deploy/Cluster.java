package network.nyxos.cli.deploy;

import network.nyxos.escrow.crypto.Hash;

/** What clusters are called. */
final class Cluster {

    private Cluster() {
    }

    /** A cluster's name with its genesis hash. A local chain has devnet's, unless it was told otherwise. */
    static String name(Hash genesis) {
        String hash = genesis.base58();
        return switch (hash) {
            case "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d" -> "mainnet-beta (" + hash + ")";
            case "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY" -> "testnet (" + hash + ")";
            case "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG" -> "devnet or a local chain (" + hash + ")";
            default -> "genesis " + hash;
        };
    }
}
