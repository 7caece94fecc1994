package network.nyxos.cli.check;

import network.nyxos.relayer.gate.Ruling;
import network.nyxos.relayer.job.Reason;

/**
 * One check and how it came out.
 *
 * @param check  what was checked
 * @param passed whether it holds
 * @param why    what was found
 */
record Finding(String check, boolean passed, String why) {

    /**
     * What a rule says.
     *
     * @param holds what is said where it passes
     */
    static Finding of(String check, String holds, Ruling ruling) {
        return switch (ruling) {
            case Ruling.Pass _ -> new Finding(check, true, holds);
            case Ruling.Wait(Reason reason) -> new Finding(check, false, reason.toString());
            case Ruling.Refuse(Reason reason) -> new Finding(check, false, reason.toString());
            case Ruling.Dispute(Reason reason, var _) -> new Finding(check, false, reason.toString());
        };
    }

    /** A line for a screen. */
    String line() {
        return (passed ? "passed  " : "FAILED  ") + String.format("%-20s", check) + " " + why;
    }
}
