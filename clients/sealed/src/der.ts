import { SealedError } from './errors.js';

/** One value of DER. */
export interface Der {
  tag: number;
  /** Content. */
  value: Uint8Array;
  /** With tag and length. */
  raw: Uint8Array;
}

const malformed = (what: string): SealedError => new SealedError('evidence_refused', `malformed DER: ${what}`);

/** Reads all values in a row; nothing may be left over. */
export function values(bytes: Uint8Array): Der[] {
  const all: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at];
    let length = bytes[at + 1];
    let from = at + 2;
    if (length === undefined || (tag & 0x1f) === 0x1f) {
      throw malformed('tag or length');
    }
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count < 1 || count > 3 || from + count > bytes.length) {
        throw malformed('length');
      }
      length = bytes.slice(from, from + count).reduce((sum, byte) => sum * 256 + byte, 0);
      from += count;
    }
    if (from + length > bytes.length) {
      throw malformed('a value ends behind its end');
    }
    all.push({ tag, value: bytes.subarray(from, from + length), raw: bytes.subarray(at, from + length) });
    at = from + length;
  }
  return all;
}

/** The values in a SEQUENCE, SET or explicit tag. */
export function inside(der: Der | undefined, tag: number): Der[] {
  if (der?.tag !== tag) {
    throw malformed(`tag ${tag.toString(16)} expected`);
  }
  return values(der.value);
}

/** The only value. */
export function only(bytes: Uint8Array): Der {
  const all = values(bytes);
  if (all.length !== 1) {
    throw malformed('one value expected');
  }
  return all[0];
}

/** A small INTEGER. */
export function integer(der: Der | undefined): number {
  if (der?.tag !== 0x02 || der.value.length < 1 || der.value.length > 4 || der.value[0] >= 0x80) {
    throw malformed('a small INTEGER expected');
  }
  return der.value.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** A UTCTime or GeneralizedTime, in milliseconds since 1970. */
export function time(der: Der | undefined): number {
  const text = String.fromCharCode(...(der?.value ?? []));
  const match = /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match || (der?.tag !== 0x17 && der?.tag !== 0x18) || (der.tag === 0x17) !== (match[1] === undefined)) {
    throw malformed('a time expected');
  }
  const century = match[1] ?? (Number(match[2]) < 50 ? '20' : '19');
  return Date.UTC(Number(century + match[2]), Number(match[3]) - 1, Number(match[4]), Number(match[5]), Number(match[6]), Number(match[7]));
}
