package network.nyxos.node.evidence;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices.Device;
import network.nyxos.attestation.nvidia.GpuNodeVerifier;
import network.nyxos.attestation.nvidia.GpuReport;

/**
 * Evidence of NVIDIA GPUs in confidential computing mode, by NVIDIA's management library (NVML), which comes with the driver. Two of its structures are
 * read; integers have four bytes, nothing is padded:
 * <pre>
 * nvmlConfComputeGpuAttestationReport_t 12332: 0 isCecAttestationReportPresent, 4 attestationReportSize, 8 cecAttestationReportSize, 12 nonce 32,
 *                                              44 attestationReport 8192, 8236 cecAttestationReport 4096
 * nvmlConfComputeGpuCertificate_t 9224:        0 certChainSize, 4 attestationCertChainSize, 8 certChain 4096, 4104 attestationCertChain 5120
 * </pre>
 */
public final class NvidiaGpus implements GpuSource {
    /** The library's name, as the loader finds it. */
    public static final String STANDARD = "libnvidia-ml.so.1";

    static final long REPORT_BYTES = 12_332;
    static final long CERTIFICATE_BYTES = 9_224;
    private static final int REPORT_SIZE_AT = 4;
    private static final int NONCE_AT = 12;
    private static final int REPORT_AT = 44;
    private static final int MAX_REPORT = 0x2000;
    private static final int CHAIN_SIZE_AT = 4;
    private static final int CHAIN_AT = 4_104;
    private static final int MAX_CHAIN = 0x1400;
    private static final int MAX_TEXT = 256;
    private static final int SUCCESS = 0;
    private static final int NOT_SUPPORTED = 3;

    private final MethodHandle init;
    private final MethodHandle shutdown;
    private final MethodHandle count;
    private final MethodHandle handle;
    private final MethodHandle report;
    private final MethodHandle certificate;
    private final MethodHandle errorString;

    private NvidiaGpus(SymbolLookup library) throws EvidenceSource.EvidenceException {
        this.init = function(library, "nvmlInit_v2", FunctionDescriptor.of(ValueLayout.JAVA_INT));
        this.shutdown = function(library, "nvmlShutdown", FunctionDescriptor.of(ValueLayout.JAVA_INT));
        this.count = function(library, "nvmlDeviceGetCount_v2", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        this.handle = function(library, "nvmlDeviceGetHandleByIndex_v2", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        FunctionDescriptor ofDevice = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        this.report = function(library, "nvmlDeviceGetConfComputeGpuAttestationReport", ofDevice);
        this.certificate = function(library, "nvmlDeviceGetConfComputeGpuCertificate", ofDevice);
        this.errorString = function(library, "nvmlErrorString", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    }

    /**
     * Loads the library, which then stays loaded.
     *
     * @param library {@link #STANDARD}, or its path
     * @throws EvidenceSource.EvidenceException when it is not there, or of a driver that knows no confidential computing
     */
    public static NvidiaGpus open(String library) throws EvidenceSource.EvidenceException {
        try {
            return new NvidiaGpus(SymbolLookup.libraryLookup(library, Arena.global()));
        } catch (IllegalArgumentException e) {
            throw new EvidenceSource.EvidenceException(library + " cannot be loaded: no NVIDIA driver is installed here", e);
        }
    }

    private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor of) throws EvidenceSource.EvidenceException {
        MemorySegment address = library.find(name)
                .orElseThrow(() -> new EvidenceSource.EvidenceException("NVIDIA's library has no " + name + ": the driver is too old for confidential computing"));
        return Linker.nativeLinker().downcallHandle(address, of);
    }

    @Override
    public synchronized List<Device> show(Bytes nonce) throws EvidenceSource.EvidenceException {
        if (nonce.size() != GpuReport.NONCE_LENGTH) {
            throw new IllegalArgumentException("a GPU nonce has " + GpuReport.NONCE_LENGTH + " bytes, this has " + nonce.size());
        }
        // The library counts these; driver and GPUs may have changed since the last time.
        require("nvmlInit_v2", call(init));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
            require("nvmlDeviceGetCount_v2", call(count, number));
            int gpus = number.get(ValueLayout.JAVA_INT, 0);
            if (gpus < 1 || gpus > GpuNodeVerifier.MAX_GPUS) {
                throw new EvidenceSource.EvidenceException("NVIDIA's library names " + gpus + " GPUs, 1 to " + GpuNodeVerifier.MAX_GPUS + " can be shown");
            }
            List<Device> shown = new ArrayList<>();
            for (int i = 0; i < gpus; i++) {
                shown.add(device(i, nonce, arena));
            }
            return shown;
        } finally {
            call(shutdown);
        }
    }

    private Device device(int index, Bytes nonce, Arena arena) throws EvidenceSource.EvidenceException {
        MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
        require("nvmlDeviceGetHandleByIndex_v2 of GPU " + index, call(handle, index, pointer));
        MemorySegment gpu = pointer.get(ValueLayout.ADDRESS, 0);
        MemorySegment answer = arena.allocate(REPORT_BYTES, Integer.BYTES);
        MemorySegment.copy(MemorySegment.ofArray(nonce.toArray()), 0, answer, NONCE_AT, nonce.size());
        require("nvmlDeviceGetConfComputeGpuAttestationReport of GPU " + index, call(report, gpu, answer));
        MemorySegment certificates = arena.allocate(CERTIFICATE_BYTES, Integer.BYTES);
        require("nvmlDeviceGetConfComputeGpuCertificate of GPU " + index, call(certificate, gpu, certificates));
        byte[] chain = bytes("certificates of GPU " + index, certificates, CHAIN_SIZE_AT, CHAIN_AT, MAX_CHAIN);
        return new Device(Bytes.of(bytes("report of GPU " + index, answer, REPORT_SIZE_AT, REPORT_AT, MAX_REPORT)), new String(chain, StandardCharsets.US_ASCII).replace("\0", ""));
    }

    private static byte[] bytes(String what, MemorySegment from, int sizeAt, int at, int most) throws EvidenceSource.EvidenceException {
        int size = from.get(ValueLayout.JAVA_INT, sizeAt);
        if (size < 1 || size > most) {
            throw new EvidenceSource.EvidenceException("the " + what + " has " + Integer.toUnsignedString(size) + " bytes, 1 to " + most + " can be");
        }
        return from.asSlice(at, size).toArray(ValueLayout.JAVA_BYTE);
    }

    private static int call(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** A native function throws nothing; what is thrown was thrown before it was called. */
    private static IllegalStateException broken(Throwable cause) {
        return new IllegalStateException("NVIDIA's library could not be called", cause);
    }

    private void require(String what, int code) throws EvidenceSource.EvidenceException {
        if (code != SUCCESS) {
            String hint = code == NOT_SUPPORTED ? "; is the GPU in confidential computing mode?" : "";
            throw new EvidenceSource.EvidenceException(what + " answered " + code + " (" + text(code) + ")" + hint);
        }
    }

    private String text(int code) {
        try {
            MemorySegment text = (MemorySegment) errorString.invokeWithArguments(code);
            return text.address() == 0 ? "no text" : text.reinterpret(MAX_TEXT).getString(0, StandardCharsets.US_ASCII);
        } catch (Throwable e) {
            throw broken(e);
        }
    }
}
