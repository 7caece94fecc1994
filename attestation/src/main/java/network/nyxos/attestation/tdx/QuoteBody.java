package network.nyxos.attestation.tdx;

import network.nyxos.attestation.sgx.EnclaveReport;

/** What a quote speaks of. */
public sealed interface QuoteBody {
    /** A trust domain. */
    record TrustDomain(TdReport report) implements QuoteBody {
    }

    /** An SGX enclave. Parsed so that it is told apart, never accepted as a TD. */
    record Enclave(EnclaveReport report) implements QuoteBody {
    }
}
