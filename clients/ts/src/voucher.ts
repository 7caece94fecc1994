import { type Bytes, base58, base64, hex, join, sha256, u64, utf8 } from './bytes.js';
import { EscrowError } from './errors.js';

const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/** A session key: 64 bytes as Solana's tools write them, the 32 of the seed, or a private key of WebCrypto that may sign. */
export type SessionKey = Uint8Array | CryptoKey;

/** A key of 32 bytes in base58. */
export function key(text: string, what: string): Bytes {
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(text);
  } catch (cause) {
    throw new EscrowError('invalid_key', `${what} is not base58`, { cause });
  }
  if (bytes.length !== 32) {
    throw new EscrowError('invalid_key', `${what} has ${bytes.length} bytes, must have 32`);
  }
  return new Uint8Array(bytes);
}

/** Makes a session key ready to sign. */
export async function signer(session: SessionKey): Promise<(message: Bytes) => Promise<Bytes>> {
  let privateKey = session;
  if (privateKey instanceof Uint8Array) {
    if (privateKey.length !== 64 && privateKey.length !== 32) {
      throw new EscrowError('invalid_key', `a session key has 64 bytes, or 32 of the seed; this has ${privateKey.length}`);
    }
    privateKey = await crypto.subtle.importKey('pkcs8', join(Uint8Array.from(PKCS8), privateKey.subarray(0, 32)), 'Ed25519', false, ['sign']);
  }
  const ready = privateKey;
  return async message => new Uint8Array(await crypto.subtle.sign('Ed25519', ready, message));
}

/** Hash of method, path with query, and body: what a voucher is bound to (docs/protocol.md §4). */
export const requestHash = (method: string, path: string, body: Uint8Array): Promise<Bytes> => sha256(utf8(`${method} ${path}\n`), body);

/** The job that a nonce stands for. */
export const jobOf = (escrow: Bytes, nonce: Bytes): Promise<Bytes> => sha256(utf8('nyxos:job:v1'), Uint8Array.of(2), escrow, nonce);

/** The 50 bytes of a voucher that never expires: `56 01 ‖ escrow ‖ cumulative u64 ‖ expires i64`. */
export const voucher = (escrow: Bytes, cumulative: bigint): Bytes => join(Uint8Array.of(0x56, 1), escrow, u64(cumulative), u64(0n));

/** Signs a voucher, and that it is for this request alone. */
export async function pay(sign: (message: Bytes) => Promise<Bytes>, escrow: Bytes, cumulative: bigint, nonce: Bytes, request: Bytes): Promise<Record<string, string>> {
  const bound = voucher(escrow, cumulative);
  const binding = await sha256(utf8('nyxos:request:v1'), escrow, u64(cumulative), nonce, request);
  return {
    escrow: base58.encode(escrow), voucher: base64.encode(bound), signature: base64.encode(await sign(bound)), nonce: hex(nonce), requestSignature: base64.encode(await sign(binding)),
  };
}
