package network.nyxos.cli.check;

/**
 * One check and how it came out.
 *
 * @param check  what was checked
 * @param passed whether it holds
 * @param why    what was found
 */
record Finding(String check, boolean passed, String why) {

    /** A line for a screen. */
    String line() {
        return (passed ? "passed  " : "FAILED  ") + String.format("%-20s", check) + " " + why;
    }
}
