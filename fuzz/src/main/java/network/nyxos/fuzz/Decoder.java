package network.nyxos.fuzz;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.collateral.QeIdentity;
import network.nyxos.attestation.collateral.TcbInfo;
import network.nyxos.attestation.eventlog.EventLog;
import network.nyxos.attestation.nras.DetachedToken;
import network.nyxos.attestation.nras.JsonWebKeys;
import network.nyxos.attestation.nras.JsonWebToken;
import network.nyxos.attestation.nras.NrasPolicy;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.nvidia.GpuEvidence;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.attestation.nvidia.GpuReport;
import network.nyxos.attestation.nvidia.GpuVerifier;
import network.nyxos.attestation.nvidia.OcspAnswer;
import network.nyxos.attestation.nvidia.OpaqueData;
import network.nyxos.attestation.nvidia.ReferenceManifest;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.pki.RevocationList;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.snp.AttestationReport;
import network.nyxos.attestation.snp.CertificateTable;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.tdx.Quote;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.format.Format;
import network.nyxos.escrow.format.FormatException;
import network.nyxos.escrow.format.Grammar;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.escrow.wire.WireCodec;

/// Everything that reads bytes of strangers, with what it may do with them: give a value, or refuse with the library's own exception. Anything else that comes
/// out is a finding; so is evidence that is accepted though it is not what was signed, and bytes of a signed form that decode but are not what would be encoded.
public enum Decoder {
    /// A TDX or SGX quote.
    TDX_QUOTE("tdx-quote", Seeds::quotes, attestation(Quote::parse)),
    /// A whole verdict over a quote, with collateral that is right.
    TDX_VERDICT("tdx-verdict", Seeds::quotes, input -> onlyGenuine(Seeds.quotes(), input, Evidence.of("tdx", Bytes.of(input), Seeds.collateral()))),
    /// A quote's collateral as one document, and what is in it.
    COLLATERAL("collateral", Seeds::collaterals, text(json -> CollateralSet.of(Collateral.fromJson(json)))),
    /// A whole verdict over a genuine quote with collateral from anywhere. What is signed in it is signed; its envelope may be written in many ways.
    COLLATERAL_VERDICT("collateral-verdict", Seeds::collaterals, input -> verdict(Evidence.of("tdx", Bytes.of(Seeds.quotes().getFirst()), utf8(input)))),
    /// Intel's TCB info.
    TCB_INFO("tcb-info", Seeds::tcbInfos, text(TcbInfo::parse)),
    /// Intel's QE identity.
    QE_IDENTITY("qe-identity", Seeds::qeIdentities, text(QeIdentity::parse)),
    /// A TD's event log, as the firmware or as dstack writes it.
    EVENT_LOG("event-log", List::of, input -> {
        refusing(AttestationException.class, () -> EventLog.parseCcel(Bytes.of(input)).replay());
        refusing(AttestationException.class, () -> EventLog.parseDstack(utf8(input)).replay());
    }),
    /// An SEV-SNP report.
    SNP_REPORT("snp-report", Seeds::reports, attestation(AttestationReport::parse)),
    /// A whole verdict over a report, with endorsements that are right.
    SNP_VERDICT("snp-verdict", Seeds::reports, input -> onlyGenuine(Seeds.reports(), input, Evidence.of("snp", Bytes.of(input), Seeds.endorsement()))),
    /// The certificates that endorse a report.
    SNP_ENDORSEMENTS("snp-endorsements", Seeds::endorsements, text(Endorsements::fromJson)),
    /// The certificates that a host gives beside a report, and what of them goes along with it.
    SNP_CERTIFICATE_TABLE("snp-certificate-table", Seeds::certificateTables, input -> {
        CertificateTable table = CertificateTable.parse(Bytes.of(input));
        table.endorsements().ifPresent(json -> refusing(AttestationException.class, () -> Endorsements.fromJson(json)));
    }),
    /// A certificate, and Intel's extension in it.
    CERTIFICATE("certificate", Seeds::certificates, input -> {
        X509Certificate certificate = CertificateChain.parseDer(input);
        PckExtension.of(certificate);
    }),
    /// A chain of certificates in PEM.
    CERTIFICATE_CHAIN("certificate-chain", Seeds::chains, text(pem -> CertificateChain.parsePem(pem).problem())),
    /// A revocation list.
    REVOCATION_LIST("revocation-list", Seeds::revocationLists, attestation(RevocationList::parse)),
    /// An NVIDIA GPU's report (SPDM measurements).
    GPU_REPORT("gpu-report", Seeds::gpuReports, attestation(GpuReport::parse)),
    /// The opaque fields of one.
    GPU_OPAQUE("gpu-opaque", Seeds::gpuOpaques, attestation(OpaqueData::parse)),
    /// A reference manifest (RIM).
    GPU_MANIFEST("gpu-manifest", Seeds::gpuManifests, attestation(ReferenceManifest::parse)),
    /// An answer of NVIDIA's OCSP service, as part of a verdict.
    GPU_OCSP("gpu-ocsp", Seeds::ocspAnswers, input -> {
        OcspAnswer.parse(Bytes.of(input));
        GpuVerifier.verify(new GpuEvidence(Bytes.EMPTY, Seeds.chain(), List.of(), List.of(Bytes.of(input))), new GpuChallenge.None(), GpuPolicy.strict(), Instant.ofEpochSecond(Seeds.NOW));
    }),
    /// All devices of a machine in one document, and a whole verdict on the machine: no made-up GPU is accepted, whatever CPU it is shown with.
    GPU_DEVICES("gpu-devices", Seeds::devices, input -> {
        String json = utf8(input);
        Devices.fromJson(json).manifestIds();
        if (Evidence.of("tdx", Bytes.of(Seeds.quotes().getFirst()), Seeds.collateral(), Optional.of(json)).verify(Seeds.gpuPolicy(), Instant.ofEpochSecond(Seeds.NOW)).accepted()) {
            throw new Finding("a machine was accepted, though no GPU of it was ever signed");
        }
    }),
    /// A token of NVIDIA's attestation service.
    NRAS_TOKEN("nras-token", Seeds::tokens, text(JsonWebToken::parse)),
    /// The keys that sign those.
    NRAS_KEYS("nras-keys", Seeds::jsonObjects, text(JsonWebKeys::parse)),
    /// A token with the claims of each GPU beside it.
    NRAS_DETACHED("nras-detached", Seeds::detachedTokens, text(DetachedToken::parse)),
    /// Policies for all of it, as JSON and as YAML.
    POLICY("policy", Seeds::policies, input -> {
        String policy = utf8(input);
        for (Function<String, ?> read : List.<Function<String, ?>>of(Policy::fromJson, Policy::fromYaml, GpuPolicy::fromJson, GpuPolicy::fromYaml, NrasPolicy::fromJson,
            NrasPolicy::fromYaml)) {
            refusing(AttestationException.class, () -> read.apply(policy));
        }
    }),
    /// A voucher, which is signed and hashed.
    VOUCHER("voucher", Seeds::records, canonical(bytes -> Voucher.decode(bytes).encode())),
    /// A gateway's assignment, which is signed and hashed.
    ASSIGNMENT("assignment", Seeds::records, canonical(bytes -> Assignment.decode(bytes).encode())),
    /// A node's receipt, which is signed and hashed.
    RECEIPT("receipt", Seeds::records, canonical(bytes -> Receipt.decode(bytes).encode())),
    /// A transaction as it comes from a client.
    TRANSACTION("transaction", Seeds::records, canonical(bytes -> WireTransaction.decode(bytes).bytes())),
    /// The data of an Ed25519 precompile instruction.
    ED25519("ed25519", Seeds::records, input -> Ed25519Instruction.decode(input)),
    /// A message between node and gateway or relayer.
    WIRE_MESSAGE("wire-message", Seeds::jsonObjects, text(WireCodec::decode)),
    /// A gateway's job record.
    JOB_RECORD("job-record", Seeds::jsonObjects, input -> JobRecord.decode(input)),
    /// What a service is told, which goes on as it came: text in UTF-8, to the byte.
    SERVICE_BODY("service-body", Seeds::jsonObjects, input -> {
        byte[] kept = ServiceBody.request(input).bytes();
        if (!Arrays.equals(kept, input) || !Arrays.equals(utf8(input).getBytes(StandardCharsets.UTF_8), input)) {
            throw new Finding("a body of " + input.length + " bytes goes on as another, or is no UTF-8");
        }
    }),
    /// The form of a reply, and what it means.
    FORMAT("format", Seeds::formats, input -> {
        Format format = Format.parse(utf8(input));
        refusing(FormatException.class, () -> Grammar.of(format));
    }),
    /// A text to be embedded: each has a beginning, an end and nothing in between that says so, and no more tokens than its bytes allow.
    WORD_PIECE("word-piece", Seeds::embedded, input -> {
        String text = utf8(input);
        int[] ids = Seeds.TOKENIZER.encode(text);
        boolean framed = ids[0] == Seeds.BEGIN && ids[ids.length - 1] == Seeds.END && Arrays.stream(ids, 1, ids.length - 1).noneMatch(id -> id == Seeds.BEGIN || id == Seeds.END);
        if (!framed || ids.length > text.getBytes(StandardCharsets.UTF_8).length + 2) {
            throw new Finding("a text of " + text.length() + " characters has the tokens " + Arrays.toString(ids));
        }
    }),
    /// A proof that a payee claims with.
    PROOF("proof", Seeds::jsonObjects, input -> ProofDocument.decode(input)),
    /// Accounts and events of both programs, as a chain's node gives them.
    CHAIN("chain", Seeds::accounts, input -> {
        for (Function<byte[], ?> read : List.<Function<byte[], ?>>of(Market::decode, Escrow::decode, Batch::decode, Node::decode, Model::decode, EscrowEvent::decode,
            RegistryEvent::decode)) {
            refusing(BorshException.class, () -> read.apply(input));
        }
    });

    private final String title;
    private final Supplier<List<byte[]>> seeds;
    private final Check check;

    Decoder(String title, Supplier<List<byte[]>> seeds, Check check) {
        this.title = title;
        this.seeds = seeds;
        this.check = check;
    }

    @FunctionalInterface
    private interface Check {
        void accept(byte[] input);
    }

    /// What it is called on the command line, and its corpus.
    public String title() {
        return title;
    }

    /// Right inputs, made at run time, to begin with.
    public List<byte[]> seeds() {
        return seeds.get();
    }

    /// The decoder of a title.
    ///
    /// @throws IllegalArgumentException where there is none
    public static Decoder of(String title) {
        return Arrays.stream(values()).filter(decoder -> decoder.title.equals(title)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no decoder '" + title + "'"));
    }

    /// Reads an input.
    ///
    /// @throws Finding          when something was accepted that should not be
    /// @throws RuntimeException whatever came out that is no refusal: a finding, too
    public void check(byte[] input) {
        try {
            check.accept(input);
        } catch (AttestationException | ProtocolException | BorshException e) {
            // Refused, with a code.
        }
    }

    /// What was accepted and should not have been.
    public static final class Finding extends RuntimeException {
        private static final long serialVersionUID = 1;

        Finding(String what) {
            super(what);
        }
    }

    private static Check attestation(Function<Bytes, ?> parse) {
        return input -> parse.apply(Bytes.of(input));
    }

    private static Check text(Function<String, ?> parse) {
        return input -> parse.apply(utf8(input));
    }

    private static String utf8(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    /// What is signed has one form only: two encodings of one voucher would be two vouchers to whoever remembers hashes.
    private static Check canonical(Function<byte[], byte[]> again) {
        return input -> {
            if (!Arrays.equals(again.apply(input), input)) {
                throw new Finding("these bytes decode, but are not what would be encoded");
            }
        };
    }

    private static boolean verdict(Evidence evidence) {
        return evidence.verify(Seeds.policy(evidence), Instant.ofEpochSecond(Seeds.NOW)).accepted();
    }

    /// Zeros behind evidence are padding, as machines give it.
    private static void onlyGenuine(List<byte[]> genuine, byte[] input, Evidence evidence) {
        if (verdict(evidence) && genuine.stream().noneMatch(right -> Arrays.equals(right, input) || padded(right, input))) {
            throw new Finding("accepted, though it is not what was signed");
        }
    }

    private static boolean padded(byte[] right, byte[] input) {
        return input.length > right.length && Arrays.equals(right, Arrays.copyOf(input, right.length))
            && IntStream.range(right.length, input.length).allMatch(at -> input[at] == 0);
    }

    private static void refusing(Class<? extends RuntimeException> refusal, Runnable read) {
        try {
            read.run();
        } catch (RuntimeException e) {
            if (!refusal.isInstance(e)) {
                throw e;
            }
        }
    }
}
