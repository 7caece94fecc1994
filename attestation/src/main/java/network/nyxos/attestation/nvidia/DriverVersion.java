package network.nyxos.attestation.nvidia;

/** Driver versions: numbers between dots, compared number by number. */
public final class DriverVersion {
    private DriverVersion() {
    }

    /** True for one to four numbers between dots. */
    public static boolean valid(String text) {
        return text.matches("\\d{1,6}(\\.\\d{1,6}){0,3}");
    }

    /** True when {@code actual} is {@code least} or later; false when it is no version. */
    public static boolean atLeast(String actual, String least) {
        if (!valid(actual)) {
            return false;
        }
        String[] have = actual.split("\\.");
        String[] want = least.split("\\.");
        for (int i = 0; i < Math.max(have.length, want.length); i++) {
            int order = Integer.compare(number(have, i), number(want, i));
            if (order != 0) {
                return order > 0;
            }
        }
        return true;
    }

    private static int number(String[] numbers, int index) {
        return index < numbers.length ? Integer.parseInt(numbers[index]) : 0;
    }
}
