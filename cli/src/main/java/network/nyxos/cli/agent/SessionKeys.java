package network.nyxos.cli.agent;

import java.nio.file.Path;

/** Where session keys lie when nobody says otherwise. */
final class SessionKeys {

    private SessionKeys() {
    }

    /** Beside the wallet: {@code agent-session.json} for {@code agent.json}. */
    static Path beside(Path wallet) {
        return wallet.resolveSibling(wallet.getFileName().toString().replaceFirst("\\.json$", "") + "-session.json");
    }
}
