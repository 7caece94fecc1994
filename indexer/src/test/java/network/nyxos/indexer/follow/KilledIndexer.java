package network.nyxos.indexer.follow;

import java.net.URI;
import network.nyxos.chain.Commitment;
import network.nyxos.escrow.program.Programs;
import network.nyxos.indexer.Indexer;
import network.nyxos.indexer.IndexerConfig;

/// An indexer in a process of its own, there to be killed. Arguments: RPC URL, JDBC URL.
final class KilledIndexer {
    private KilledIndexer() {
    }

    /// Runs until killed.
    public static void main(String[] arguments) throws InterruptedException {
        Indexer.start(IndexerConfig.of(URI.create(arguments[0]), arguments[1], Programs.LOCAL).at(Commitment.CONFIRMED));
        Thread.currentThread().join();
    }
}
