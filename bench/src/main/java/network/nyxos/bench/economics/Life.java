package network.nyxos.bench.economics;

import java.util.Arrays;
import java.util.SplittableRandom;
import network.nyxos.escrow.standing.SampleRule;

/** One owner's node, round by round. */
final class Life {

    private static final long NEVER = Long.MAX_VALUE;

    private final Strategy strategy;
    private final Terms terms;
    private final double cover;
    private final SplittableRandom random;
    /** What is paid in a round to come, by round modulo its length. */
    private final long[] due;

    private long standing;
    private long verdict = NEVER;
    private long free = NEVER;
    private int inARow;

    private long profit;
    private long jobs;
    private long cheated;
    private long replays;
    private long slashes;

    /** @param cover how likely a replay is an accomplice's */
    Life(Strategy strategy, Terms terms, double cover, SplittableRandom random) {
        this.strategy = strategy;
        this.terms = terms;
        this.cover = cover;
        this.random = random;
        this.due = new long[terms.window() + 1];
    }

    /** What an owner has at the end. */
    record Result(long profit, long jobs, long cheated, long replays, long slashes) {
    }

    /** Lives for some rounds, and on without jobs until everything that was owed and every verdict has come. */
    Result live(long rounds) {
        for (long round = 0; round < rounds; round++) {
            step(round);
            if (free == NEVER) {
                work(round);
            }
        }
        for (long round = rounds; round <= rounds + terms.window(); round++) {
            step(round);
        }
        return new Result(profit, jobs, cheated, replays, slashes);
    }

    private void step(long round) {
        if (round >= verdict) {
            // The bond is gone, and what was not paid yet goes back to its payers.
            profit -= terms.bond();
            slashes++;
            Arrays.fill(due, 0);
            begin();
        }
        int slot = (int) (round % due.length);
        if (due[slot] > 0) {
            profit += due[slot];
            due[slot] = 0;
            standing++;
        }
        if (round >= free) {
            begin();
        }
    }

    /** A new identity. What the old one is still owed is paid: its jobs have no verdict against them, and never will have. */
    private void begin() {
        standing = 0;
        verdict = NEVER;
        free = NEVER;
        inARow = 0;
    }

    private void work(long round) {
        jobs++;
        boolean cheats = strategy.cheats(standing, terms, random);
        long charge = cheats ? terms.ceiling() : terms.charge();
        profit -= cheats ? 0 : terms.cost();
        due[(int) ((round + terms.window()) % due.length)] += terms.income(charge);
        if (random.nextInt(SampleRule.ALL) < terms.sampling().rateAfter(standing)) {
            replays++;
            if (cheats && random.nextDouble() >= cover) {
                verdict = Math.min(verdict, round + terms.replayLag());
            }
        }
        inARow = cheats ? inARow + 1 : 0;
        cheated += cheats ? 1 : 0;
        if (cheats && strategy.runs(inARow, terms)) {
            free = round + terms.unbonding();
        }
    }
}
