package network.nyxos.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import network.nyxos.bench.attestation.DcapQvl;
import network.nyxos.bench.attestation.Verification;
import network.nyxos.bench.detection.Detection;
import network.nyxos.bench.economics.CheatingPays;
import network.nyxos.bench.engine.EngineSpeed;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Rate;
import network.nyxos.bench.programs.ProgramFigures;
import network.nyxos.bench.receipts.ReceiptThroughput;
import network.nyxos.bench.stack.BesidePeers;
import network.nyxos.bench.stack.GatewayOverhead;
import network.nyxos.bench.stack.IndexerLag;
import network.nyxos.bench.stack.LocalGround;
import network.nyxos.bench.stack.Rounds;

/** What {@code nyxos bench} measures, in the order of a run. */
enum Section {
    /** Verification of evidence. */
    ATTESTATION("verification of evidence made for this run") {
        @Override
        List<Figure> measure() {
            return Verification.development(VERIFICATION);
        }
    },
    /** Verification of evidence of real machines. */
    EVIDENCE("verification of recorded evidence of real machines") {
        @Override
        List<Figure> measure() {
            return Verification.recorded(VERIFICATION);
        }
    },
    /** Against another verifier. */
    DCAP_QVL("TDX quotes beside dcap-qvl, one thread") {
        @Override
        List<Figure> measure() {
            return DcapQvl.measure(new Rate.Plan(7, Duration.ofMillis(700)));
        }
    },
    /** Compute units and bytes on chain. */
    PROGRAMS("on-chain programs: compute units and bytes of a transaction") {
        @Override
        List<Figure> measure() {
            return ProgramFigures.measure();
        }
    },
    /** The relayer's work on receipts. */
    RECEIPTS("receipts on one core") {
        @Override
        List<Figure> measure() {
            return ReceiptThroughput.measure(10_000, new Rate.Plan(5, Duration.ofMillis(700)));
        }
    },
    /** The gateway's overhead. */
    GATEWAY("gateway overhead") {
        @Override
        List<Figure> measure() {
            try (LocalGround ground = LocalGround.start(SLOT_MILLIS)) {
                return GatewayOverhead.measure(ground, new Rounds.Plan(4, 100, 3));
            }
        }
    },
    /** The gateway beside other people's. */
    PEERS("gateway beside @x402/express and LiteLLM, before one model server") {
        @Override
        List<Figure> measure() {
            try (LocalGround ground = LocalGround.start(SLOT_MILLIS)) {
                return BesidePeers.measure(ground, new Rounds.Plan(4, 100, 3));
            }
        }
    },
    /** The indexer's lag. */
    INDEXER("indexer lag") {
        @Override
        List<Figure> measure() {
            try (LocalGround ground = LocalGround.start(SLOT_MILLIS)) {
                return IndexerLag.measure(ground, 150, Duration.ofMillis(90));
            }
        }
    },
    /** The engine's speed. */
    ENGINE("engine (nyx-int8-v1)") {
        @Override
        List<Figure> measure() {
            return EngineSpeed.measure(new EngineSpeed.Plan(128, 33, 3));
        }
    },
    /** Whether cheats are found. */
    DETECTION("cheats found by replay, honest jobs accused") {
        @Override
        List<Figure> measure() {
            return Detection.measure(10_000, 10_000);
        }
    },
    /** Whether cheating pays. */
    ECONOMICS("economics of the verified tier (simulated)") {
        @Override
        List<Figure> measure() {
            return CheatingPays.measure(5_000, 10_000);
        }
    };

    /** As on the network, and as {@code nyxos up} runs it. */
    private static final int SLOT_MILLIS = 400;

    private static final Verification.Plan VERIFICATION = new Verification.Plan(1, 4, 4, 1_000);

    private final String title;

    Section(String title) {
        this.title = title;
    }

    /** What it measures, for people. */
    String title() {
        return title;
    }

    /** Its name on the command line and in JSON. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@link #key()}, as the help lists it. */
    @Override
    public String toString() {
        return key();
    }

    /** Takes its figures; an unchecked exception says why they could not be taken. */
    abstract List<Figure> measure();
}
