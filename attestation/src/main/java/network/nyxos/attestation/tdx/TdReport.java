package network.nyxos.attestation.tdx;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * A TD report body, integers little-endian.
 * <pre>
 *   0 TEE_TCB_SVN 16        128 XFAM 8               328, 376, 424, 472 RTMR0 to RTMR3 48 each
 *  16 MRSEAM 48             136 MRTD 48              520 REPORTDATA 64
 *  64 MRSIGNERSEAM 48       184 MRCONFIGID 48        --- 584 bytes: TD report 1.0 ---
 * 112 SEAMATTRIBUTES 8      232 MROWNER 48           584 TEE_TCB_SVN2 16
 * 120 TDATTRIBUTES 8        280 MROWNERCONFIG 48     600 MRSERVICETD 48
 *                                                    --- 648 bytes: TD report 1.5 ---
 * </pre>
 *
 * @param teeTcbSvn      16 bytes, at the TD's launch: [0] module version, [1] module major version
 * @param mrSeam         48 bytes, the module's measurement
 * @param mrSignerSeam   48 bytes, the module's signer
 * @param seamAttributes 8 bytes
 * @param tdAttributes   64 bits, see {@link TdAttributes}
 * @param xfam           64 bits, processor features the TD may use
 * @param measurement    all eight registers
 * @param reportData     64 bytes that the TD chose
 * @param update         what TD 1.5 adds; empty in TD 1.0
 */
public record TdReport(Bytes teeTcbSvn, Bytes mrSeam, Bytes mrSignerSeam, Bytes seamAttributes, long tdAttributes, long xfam,
                       Measurement measurement, Bytes reportData, Optional<Update> update) {
    /** Length of TD report 1.0. */
    public static final int LENGTH_1_0 = 584;
    /** Length of TD report 1.5. */
    public static final int LENGTH_1_5 = 648;

    /**
     * What TD report 1.5 adds.
     *
     * @param teeTcbSvn   16 bytes, of the module that runs now
     * @param mrServiceTd 48 bytes; zeros without a service TD
     */
    public record Update(Bytes teeTcbSvn, Bytes mrServiceTd) {
    }

    /** Reads a body of exactly one of the two lengths; the parser has seen to that. */
    static TdReport parse(Bytes body) {
        Map<Measurement.Register, Bytes> registers = new EnumMap<>(Measurement.Register.class);
        for (Measurement.Register register : Measurement.Register.ofTrustDomain()) {
            registers.put(register, body.slice(register.offset(), Measurement.REGISTER_BYTES));
        }
        Optional<Update> update = body.size() == LENGTH_1_5
                ? Optional.of(new Update(body.slice(584, 16), body.slice(600, 48)))
                : Optional.empty();
        return new TdReport(body.slice(0, 16), body.slice(16, 48), body.slice(64, 48), body.slice(112, 8), body.u64(120), body.u64(128),
                new Measurement(registers), body.slice(520, 64), update);
    }
}
