/// Hashes, Ed25519 signatures and keypairs. Public keys are sava's {@link software.sava.core.accounts.PublicKey} throughout.
package network.nyxos.escrow.crypto;
