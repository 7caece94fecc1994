package network.nyxos.bindgen;

import java.util.Locale;
import java.util.Set;
import javax.lang.model.SourceVersion;

/// Names as Java writes them.
final class JavaNames {
    /// What a record component must not be called: methods that every object has, or that the generated records have.
    private static final Set<String> TAKEN = Set.of("hashCode", "toString", "getClass", "notify", "notifyAll", "wait", "clone", "finalize", "encode", "write",
        "instruction", "metas");

    private JavaNames() {
    }

    /// `open_escrow` and `openEscrow` become `OpenEscrow`.
    static String type(String name) {
        var java = new StringBuilder();
        for (String part : name.split("[_\\-. ]+")) {
            if (!part.isEmpty()) {
                java.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
            }
        }
        return java.toString();
    }

    /// `rent_payer` becomes `rentPayer`; what Java or the generated code needs gets an underscore behind it.
    static String value(String name) {
        String type = type(name);
        String java = Character.toLowerCase(type.charAt(0)) + type.substring(1);
        return TAKEN.contains(java) || SourceVersion.isKeyword(java) ? java + "_" : java;
    }

    /// `rentPayer` and `rent_payer` become `RENT_PAYER`.
    static String constant(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replaceAll("[\\-. ]+", "_").toUpperCase(Locale.ROOT);
    }
}
