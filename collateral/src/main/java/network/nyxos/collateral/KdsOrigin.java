package network.nyxos.collateral;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.RevocationList;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.snp.Endorsements;

/// AMD's Key Distribution Service: the certificate of a chip's key for one version of its firmware, its CA's, and the list of revoked CAs.
final class KdsOrigin implements CollateralOrigin<Platform.Amd> {
    /// How long a chip's certificates are kept where there is no revocation list to say when the next is due.
    private static final Duration WITHOUT_LIST = Duration.ofDays(1);

    private final Downloads downloads;
    private final String base;

    KdsOrigin(Downloads downloads, URI base) {
        this.downloads = downloads;
        this.base = Downloads.base(base);
    }

    @Override
    public Fetched fetch(Platform.Amd platform, Instant now) {
        Optional<CollateralException> unknown = Optional.empty();
        for (Product product : platform.products()) {
            Optional<TcbVersion> tcb = TcbVersion.of(platform.tcb(), product);
            boolean id = platform.chip().slice(product.hardwareIdBytes(), platform.chip().size() - product.hardwareIdBytes()).isZero();
            if (tcb.isEmpty() || product.hasFmc() && !id) {
                continue;
            }
            try {
                return fetch(product, platform, tcb.get(), now);
            } catch (CollateralException e) {
                if (e.kind() != CollateralException.Kind.UNKNOWN) {
                    throw e;
                }
                unknown = Optional.of(e);
            }
        }
        throw unknown.orElseGet(() -> new CollateralException(CollateralException.Kind.EVIDENCE, "the report's TCB is of none of the products that it may be of"));
    }

    /// Fetches what is the same for all keys that clouds have for a product.
    ///
    /// @throws CollateralException as {@link #fetch(Platform.Amd, Instant)}
    Fetched fetch(Platform.AmdCloud platform, Instant now) {
        String of = base + "/vlek/v1/" + platform.product().label();
        return usable(() -> {
            CertificateChain chain = authorities(of);
            Optional<Bytes> list = revocationList(of);
            var authorities = new CloudAuthorities(der(chain.get(0)), der(chain.get(1)), list);
            authorities.problem(platform.product(), now).ifPresent(why -> {
                throw malformed(why);
            });
            return new Fetched(authorities.toJson(), 0, now, expires(list, now));
        });
    }

    private Fetched fetch(Product product, Platform.Amd platform, TcbVersion tcb, Instant now) {
        String of = base + "/vcek/v1/" + product.label();
        String chip = platform.chip().slice(0, product.hardwareIdBytes()).hex();
        Bytes key = downloads.get(URI.create(of + "/" + chip + "?" + (product.hasFmc() ? "fmcSPL=" + tcb.fmc() + "&" : "") + "blSPL=" + tcb.bootLoader() + "&teeSPL=" + tcb.tee()
            + "&snpSPL=" + tcb.snp() + "&ucodeSPL=" + tcb.microcode())).der();
        return usable(() -> {
            CertificateChain authorities = authorities(of);
            Optional<Bytes> list = revocationList(of);
            Endorsements endorsements = Endorsements.of(key, der(authorities.get(0)), der(authorities.get(1)), list.orElse(Bytes.EMPTY));
            Optional<String> problem = endorsements.chainProblem().or(() -> endorsements.validityProblem(now)).or(() -> endorsements.revocationProblem(now));
            if (problem.isPresent()) {
                throw malformed(problem.get());
            }
            return new Fetched(endorsements.toJson(), 0, now, expires(list, now));
        });
    }

    private Fetched usable(Supplier<Fetched> fetched) {
        try {
            return fetched.get();
        } catch (AttestationException e) {
            throw malformed(e.getMessage());
        }
    }

    private static Instant expires(Optional<Bytes> list, Instant now) {
        return list.flatMap(der -> RevocationList.parse(der).nextUpdate()).orElseGet(() -> now.plus(WITHOUT_LIST));
    }

    private CertificateChain authorities(String of) {
        CertificateChain authorities = CertificateChain.parsePem(new String(downloads.get(URI.create(of + "/cert_chain")).body(), StandardCharsets.ISO_8859_1));
        if (authorities.size() != 2) {
            throw malformed("the chain has " + authorities.size() + " certificates, must have a CA and its root");
        }
        return authorities;
    }

    /// A product without a list has none; whether one is required is for the policy to say. A service that does not answer is no such product.
    private Optional<Bytes> revocationList(String of) {
        try {
            return Optional.of(downloads.get(URI.create(of + "/crl")).der());
        } catch (CollateralException e) {
            if (e.kind() == CollateralException.Kind.UNKNOWN) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Bytes der(X509Certificate certificate) {
        return Bytes.of(CertificateChain.encoded(certificate));
    }

    private CollateralException malformed(String why) {
        return new CollateralException(CollateralException.Kind.UNAVAILABLE, "what " + base + " gives cannot be used: " + why);
    }
}
