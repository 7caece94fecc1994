package network.nyxos.bench.economics;

import java.util.SplittableRandom;

/** What an owner does with its node. Whoever is slashed comes back as somebody new, with a new bond. */
public enum Strategy {
    /** Does every job. */
    HONEST("honest") {
        @Override
        boolean cheats(long standing, Terms terms, SplittableRandom random) {
            return false;
        }
    },
    /** Does no job. */
    GREEDY("cheats always") {
        @Override
        boolean cheats(long standing, Terms terms, SplittableRandom random) {
            return true;
        }
    },
    /** Cheats one job in a hundred. */
    RARE("cheats one job in a hundred") {
        @Override
        boolean cheats(long standing, Terms terms, SplittableRandom random) {
            return random.nextInt(100) == 0;
        }
    },
    /** Works until it is looked at as seldom as anybody, then cheats. */
    PATIENT("honest until the floor, then cheats") {
        @Override
        boolean cheats(long standing, Terms terms, SplittableRandom random) {
            return terms.atFloor(standing);
        }
    },
    /** As {@link #PATIENT}, but asks for its bond before the first verdict is there. */
    HIT_AND_RUN("honest until the floor, cheats, runs") {
        @Override
        boolean cheats(long standing, Terms terms, SplittableRandom random) {
            return terms.atFloor(standing);
        }

        @Override
        boolean runs(int cheatedInARow, Terms terms) {
            return cheatedInARow >= Math.max(1, terms.replayLag());
        }
    },
    /** As {@link #PATIENT}; members who have to replay each other's jobs find them right. */
    RING("as that, in a ring") {
        @Override
        boolean cheats(long standing, Terms terms, SplittableRandom random) {
            return terms.atFloor(standing);
        }

        @Override
        boolean covers() {
            return true;
        }
    };

    private final String title;

    Strategy(String title) {
        this.title = title;
    }

    /** For people. */
    public String title() {
        return title;
    }

    abstract boolean cheats(long standing, Terms terms, SplittableRandom random);

    boolean runs(int cheatedInARow, Terms terms) {
        return false;
    }

    boolean covers() {
        return false;
    }
}
