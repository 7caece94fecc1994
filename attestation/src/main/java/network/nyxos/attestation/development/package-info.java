/**
 * A trusted execution environment that is none: it makes evidence of the genuine layout under a root made at run time, so that the real
 * verifier judges it end to end where there is no such hardware. Everything it issues says DEVELOPMENT in its name, and no policy takes it
 * unless it both allows development roots and names this very root.
 */
package network.nyxos.attestation.development;
