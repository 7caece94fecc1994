import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite } from '@hpke/core';
import { DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/dhkem-x25519';
import { XWing } from '@hpke/hybridkem-x-wing';
import { type Bytes, fromBase64, sha256, toBase64, utf8 } from './bytes.js';
import { SealedError } from './errors.js';

/** How prompts are sealed: by X25519 together with ML-KEM-768, or by X25519 alone. */
export type SuiteName = 'x-wing' | 'x25519';

/** What prompts are sealed to. */
export interface SealingKey {
  suite: SuiteName;
  key: Bytes;
}

/** A {@link SealingKey} in JSON, its key in base64. */
export interface ShownSealingKey {
  suite: string;
  key: string;
}

interface Suite {
  hpke: CipherSuite;
  /** Bytes of a public key. */
  length: number;
  /** RFC 9180's numbers of KEM, KDF and AEAD, each u16 big-endian. */
  numbers: Uint8Array;
}

// docs/protocol.md §12: HPKE (RFC 9180) in base mode with HKDF-SHA256 and ChaCha20-Poly1305.
const SUITES: Record<SuiteName, Suite> = {
  'x-wing': { hpke: new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() }), length: 1216, numbers: Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3) },
  x25519: { hpke: new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() }), length: 32, numbers: Uint8Array.of(0, 0x20, 0, 1, 0, 3) },
};

/** The HPKE of a suite. */
export const hpkeOf = (suite: SuiteName): CipherSuite => SUITES[suite].hpke;

/** Reads a key. */
export function sealingKey(shown: ShownSealingKey | undefined, what: string): SealingKey {
  const suite = String(shown?.suite);
  if (!Object.hasOwn(SUITES, suite)) {
    throw new SealedError('gateway_malformed', `${what} is of suite '${suite}'; known are ${Object.keys(SUITES).join(' and ')}`);
  }
  const key = fromBase64(shown?.key, what);
  const { length } = SUITES[suite as SuiteName];
  if (key.length !== length) {
    throw new SealedError('gateway_malformed', `${what} has ${key.length} bytes, of suite ${suite} it must have ${length}`);
  }
  return { suite: suite as SuiteName, key };
}

/** Writes a key down. */
export const shownSealingKey = ({ suite, key }: SealingKey): ShownSealingKey => ({ suite, key: toBase64(key) });

/** What registry and evidence have of a key: 32 bytes that are a hash of its suite and itself, and never a key. */
export const sealingId = ({ suite, key }: SealingKey): Promise<Bytes> => sha256(utf8('nyxos:sealing-key:v1'), SUITES[suite].numbers, key);
