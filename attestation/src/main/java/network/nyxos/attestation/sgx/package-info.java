/** Intel SGX reports: the quoting enclave that signs TDX quotes is an SGX enclave. */
package network.nyxos.attestation.sgx;
