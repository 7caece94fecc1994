import { base58, base64 } from '@scure/base';

/** Bytes of one buffer of their own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** UTF-8. */
export const utf8 = (text: string): Bytes => encoder.encode(text);

/** One after the other. */
export function join(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
}

/** A u64 or i64 of 0 or more, little-endian. */
export function u64(value: bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

export const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');

export const sha256 = async (...parts: Uint8Array[]): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', join(...parts)));

export { base58, base64 };

/** A header of x402: base64 of JSON in UTF-8. */
export const decodeHeader = (value: string): any => JSON.parse(new TextDecoder().decode(base64.decode(value)));

export const encodeHeader = (value: unknown): string => base64.encode(utf8(JSON.stringify(value)));
