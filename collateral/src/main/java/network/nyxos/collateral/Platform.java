package network.nyxos.collateral;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.snp.AttestationReport;
import network.nyxos.attestation.snp.EndorsementKey;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.tdx.Quote;

/// What a maker's service is asked about. Claimed by evidence that nobody has verified yet: it decides what is fetched, and nothing else.
sealed interface Platform {
    /// A name that is the same for the same collateral; no longer than 200 characters.
    String name();

    /// Intel's: one family of processors, under one CA.
    ///
    /// @param fmspc     6 bytes
    /// @param authority `platform` or `processor`
    record Intel(Bytes fmspc, String authority) implements Platform {
        @Override
        public String name() {
            return "tdx:" + fmspc.hex() + ":" + authority;
        }
    }

    /// AMD's: one chip with one version of its firmware.
    ///
    /// @param products that it may be of; reports of version 2 do not say
    /// @param chip     64 bytes
    /// @param tcb      8 bytes as reported
    record Amd(List<Product> products, Bytes chip, Bytes tcb) implements Platform {
        @Override
        public String name() {
            return "snp:" + products.stream().map(Product::key).collect(Collectors.joining("+")) + ":" + chip.hex() + ":" + tcb.hex();
        }
    }

    /// AMD's, under a key that a cloud has for all its chips: what is the same for all of them. The key's own certificate the cloud gives to its guests alone.
    ///
    /// @param product of the chips
    record AmdCloud(Product product) implements Platform {
        @Override
        public String name() {
            return "snp-cloud:" + product.key();
        }
    }

    /// NVIDIA's: what one version of a driver, a VBIOS or a switch's firmware measures.
    ///
    /// @param id under which its manifest is published
    record Nvidia(String id) implements Platform {
        private static final Pattern FORM = Pattern.compile("NV_(GPU|SWITCH)_[A-Z0-9_.]{1,100}");

        /// @throws CollateralException `collateral_evidence` for an id that is none: it is made of what a report states
        public Nvidia {
            if (!FORM.matcher(id).matches()) {
                throw refused("a device states a version that no manifest is published under");
            }
        }

        @Override
        public String name() {
            return "rim:" + id;
        }
    }

    /// The platform that evidence claims to be of.
    ///
    /// @param brought what came with it, for what no service gives
    /// @param roots   that are trusted; a quote that hangs on none of them is asked about nowhere
    /// @throws CollateralException `collateral_evidence`
    static Platform of(String kind, Bytes evidence, Optional<String> brought, List<TrustAnchor> roots) {
        try {
            return switch (kind) {
                case Evidence.Tdx.KIND -> intel(Quote.parse(evidence), roots);
                case Evidence.Snp.KIND -> amd(AttestationReport.parse(evidence), brought);
                default -> throw refused("evidence of kind '" + kind + "' has no collateral that is fetched");
            };
        } catch (AttestationException e) {
            throw refused("the evidence cannot be read: " + e.getMessage());
        }
    }

    /// The platform of a {@link #name}, as a store kept it.
    static Optional<Platform> named(String name) {
        String[] parts = name.split(":");
        return switch (parts[0]) {
            case "tdx" -> Optional.of(new Intel(Bytes.fromHex(parts[1]), parts[2]));
            case "snp" -> Optional.of(new Amd(Stream.of(parts[1].split("\\+")).flatMap(key -> Product.named(key).stream()).toList(), Bytes.fromHex(parts[2]), Bytes.fromHex(parts[3])));
            case "snp-cloud" -> Product.named(parts[1]).map(AmdCloud::new);
            case "rim" -> Optional.of(new Nvidia(parts[1]));
            default -> Optional.empty();
        };
    }

    private static Platform intel(Quote quote, List<TrustAnchor> roots) {
        CertificateChain chain = CertificateChain.parsePem(new String(quote.signature().certification().toArray(), StandardCharsets.ISO_8859_1));
        boolean trusted = chain.problem().isEmpty() && roots.stream().anyMatch(root -> root.family().maker() == TrustAnchor.Maker.INTEL && root.anchors(chain));
        if (!trusted || chain.size() != 3) {
            throw refused("the platform's certificates hang on no root that is trusted");
        }
        X509Certificate authority = chain.get(1);
        String name = CertificateChain.commonName(authority);
        return new Intel(PckExtension.of(chain.leaf()).fmspc(), name.contains("Processor") ? "processor" : "platform");
    }

    private static Platform amd(AttestationReport report, Optional<String> brought) {
        KeyKind kind = report.keyKind().orElseThrow(() -> refused("the report is signed by no key that is known here"));
        if (kind == KeyKind.VLEK) {
            X509Certificate given = Endorsements.keyOf(brought.orElseThrow(() -> refused("the report is signed by a VLEK, whose certificate comes from the host: the node must bring it")));
            return report.processor().flatMap(AttestationReport.Processor::product).or(() -> EndorsementKey.claimedProduct(given)).map(AmdCloud::new)
                .orElseThrow(() -> refused("the report is of a processor that is not known here"));
        }
        if (report.chipId().isZero()) {
            throw refused("the report hides its chip's id, so its certificate cannot be asked for");
        }
        List<Product> products = report.processor().map(processor -> processor.product().stream().toList())
            .orElseGet(() -> Arrays.stream(Product.values()).filter(product -> !product.hasFmc()).toList());
        if (products.isEmpty()) {
            throw refused("the report is of a processor that is not known here");
        }
        return new Amd(products, report.chipId(), report.reportedTcb());
    }

    private static CollateralException refused(String message) {
        return new CollateralException(CollateralException.Kind.EVIDENCE, message);
    }
}
