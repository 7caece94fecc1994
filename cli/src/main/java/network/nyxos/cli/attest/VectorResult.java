package network.nyxos.cli.attest;

import java.util.Optional;

/**
 * How one vector came out.
 *
 * @param id        of the vector
 * @param accepted  whether it is trusted
 * @param supported false when nothing here judges this kind; such a vector is never accepted
 * @param status    the platform's TCB status, where its maker publishes one and it could be derived
 * @param reason    what kept it from being trusted, by the names of the checks
 * @param expected  what the manifest expects; empty when it does not say clearly
 */
record VectorResult(String id, boolean accepted, boolean supported, Optional<String> status, String reason, Optional<Boolean> expected) {

    /** True when the manifest expects the other verdict. */
    boolean differs() {
        return supported && expected.filter(wanted -> wanted != accepted).isPresent();
    }
}
