import { createHash, type X509Certificate } from 'node:crypto';
import { hex } from './bytes.js';
import { type Der, inside, integer, only, time, values } from './der.js';
import { SealedError } from './errors.js';

/** Root of the names of all certificates that `nyxos` makes for development: no hardware stands behind them. */
export const DEVELOPMENT = 'Nyxos DEVELOPMENT ';

/** Throws {@link SealedError} `evidence_refused` with the reason, unless it holds. */
export type Require = (holds: boolean, why: string) => asserts holds;

/** What refuses evidence of a kind. */
export function requiring(kind: string): Require {
  return (holds, why) => {
    if (!holds) {
      throw new SealedError('evidence_refused', `its ${kind} evidence is refused: ${why}`);
    }
  };
}

/** Judges; whatever a parser of certificates, keys or JSON says of broken content becomes `evidence_refused`, too. */
export function judging<T>(kind: string, judge: () => T): T {
  try {
    return judge();
  } catch (e) {
    if (e instanceof SealedError && e.code === 'evidence_refused') {
      throw e;
    }
    throw new SealedError('evidence_refused', `its ${kind} evidence cannot be read: ${(e as Error).message}`, { cause: e });
  }
}

/** SHA-256 of a certificate's DER. */
export const fingerprint = (certificate: X509Certificate): string => createHash('sha256').update(certificate.raw).digest('hex');

/** Its common name; empty where it has not exactly one. */
export function commonName(certificate: X509Certificate): string {
  const names = certificate.subject.split('\n').filter(line => line.startsWith('CN='));
  // Node writes what has a meaning in a distinguished name with a backslash.
  return names.length === 1 ? names[0].slice(3).replace(/\\(.)/g, '$1') : '';
}

/** The parts of a certificate that Node does not tell. */
export interface Parts {
  /** 0 is v1. */
  version: number;
  /** Of the signature: outside of what is signed, and inside. */
  algorithms: [Der, Der];
  subject: Uint8Array;
  issuer: Uint8Array;
  /** Hexadecimal, as the DER has it. */
  serial: string;
  publicKey: Der;
  extensions: Der[];
}

export function partsOf(certificate: X509Certificate): Parts {
  const [body, algorithm] = inside(only(certificate.raw), 0x30);
  const [version, serial, inner, issuer, , subject, publicKey, ...rest] = inside(body, 0x30);
  return {
    version: integer(inside(version, 0xa0)[0]), algorithms: [algorithm, inner], subject: subject.raw, issuer: issuer.raw, serial: hex(serial.value), publicKey,
    extensions: inside(inside(rest.find(each => each.tag === 0xa3), 0xa3)[0], 0x30),
  };
}

/** A revocation list. */
export interface RevocationList {
  signedBytes: Uint8Array;
  algorithms: [Der, Der];
  signature: Uint8Array;
  issuer: Uint8Array;
  thisUpdate: number;
  nextUpdate: number;
  /** Of those that are revoked, hexadecimal. */
  serials: Set<string>;
}

export function revocationList(der: Uint8Array): RevocationList {
  const [list, algorithm, signature] = inside(only(der), 0x30);
  const fields = inside(list, 0x30);
  const [inner, issuer, thisUpdate, nextUpdate, ...rest] = fields[0].tag === 0x02 ? fields.slice(1) : fields;
  if (signature?.tag !== 0x03 || signature.value[0] !== 0) {
    throw new SealedError('evidence_refused', 'malformed DER: a signature expected');
  }
  return {
    signedBytes: list.raw, algorithms: [algorithm, inner], signature: signature.value.subarray(1), issuer: issuer.raw, thisUpdate: time(thisUpdate), nextUpdate: time(nextUpdate),
    serials: new Set((rest[0]?.tag === 0x30 ? values(rest[0].value) : []).map(entry => hex(inside(entry, 0x30)[0].value))),
  };
}
