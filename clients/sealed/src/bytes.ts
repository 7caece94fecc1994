import { base58, base64 } from '@scure/base';
import { SealedError } from './errors.js';

/** Bytes of one buffer of their own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** UTF-8. */
export const utf8 = (text: string): Bytes => encoder.encode(text);

/** One after the other. */
export function concat(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A u32, little-endian. */
export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

export const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');

export function fromHex(text: unknown, what: string, length?: number): Bytes {
  if (typeof text !== 'string' || !/^([0-9a-fA-F]{2})*$/.test(text) || (length !== undefined && text.length !== 2 * length)) {
    throw new SealedError('gateway_malformed', `${what} is not hexadecimal${length === undefined ? '' : ` of ${length} bytes`}`);
  }
  return Uint8Array.from(text.match(/../g) ?? [], pair => parseInt(pair, 16));
}

export function fromBase64(text: unknown, what: string): Bytes {
  try {
    return new Uint8Array(base64.decode(String(text)));
  } catch (cause) {
    throw new SealedError('gateway_malformed', `${what} is not base64`, { cause });
  }
}

/** JSON in base64, as x402's headers are. */
export function base64Json(text: string, what: string): any {
  try {
    return JSON.parse(new TextDecoder().decode(fromBase64(text, what)));
  } catch (cause) {
    throw new SealedError('gateway_malformed', `${what} is not JSON in base64`, { cause });
  }
}

/** Whether a key signed a message, Ed25519. */
export async function verified(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  const imported = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', imported, signature, message);
}

export const toBase64 = (bytes: Uint8Array): string => base64.encode(bytes);

/** A key in base58, 32 bytes. */
export function key(text: unknown, what: string): Bytes {
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(String(text));
  } catch (cause) {
    throw new SealedError('gateway_malformed', `${what} is not a key in base58`, { cause });
  }
  if (bytes.length !== 32) {
    throw new SealedError('gateway_malformed', `${what} has ${bytes.length} bytes, must have 32`);
  }
  return new Uint8Array(bytes);
}

export const toBase58 = (bytes: Uint8Array): string => base58.encode(bytes);

export const sha256 = async (...parts: Uint8Array[]): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));

export const sha512 = async (...parts: Uint8Array[]): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-512', concat(...parts)));
