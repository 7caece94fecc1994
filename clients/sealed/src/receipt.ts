import { type Bytes, sha256, utf8, verified } from './bytes.js';
import { SealedError } from './errors.js';

/** The confidential tier, as receipts name it. */
export const CONFIDENTIAL = 4;

/** A node's signed account of a job, as far as a client looks into it (docs/protocol.md §6). */
export interface Receipt {
  job: Bytes;
  node: Bytes;
  model: Bytes;
  tier: number;
  temperatureMicro: number;
  topPMicro: number;
  topK: number;
  tokensIn: number;
  tokensOut: number;
  mint: Bytes;
  /** Base units. */
  charge: bigint;
  quoteHash: Bytes;
}

/** Reads a receipt's Borsh form. */
export function decodeReceipt(bytes: Bytes): Receipt {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const skip = (length: number): number => {
    at += length;
    if (at > bytes.length) {
      throw new SealedError('receipt_invalid', 'the receipt ends too early');
    }
    return at - length;
  };
  const u8 = () => view.getUint8(skip(1));
  const u32 = () => view.getUint32(skip(4), true);
  const u64 = () => view.getBigUint64(skip(8), true);
  const hash = (): Bytes => {
    const from = skip(32);
    return bytes.slice(from, from + 32);
  };
  if (u8() !== 1) {
    throw new SealedError('receipt_invalid', 'the receipt is of another version');
  }
  const [job, node, model] = [hash(), hash(), hash()];
  skip(u32());
  const tier = u8();
  u64();
  const [temperatureMicro, topPMicro, topK] = [u32(), u32(), u32()];
  hash();
  hash();
  const [tokensIn, tokensOut] = [u32(), u32()];
  const mint = hash();
  const charge = u64();
  u8();
  hash();
  const quoteHash = hash();
  hash();
  u64();
  u64();
  if (at !== bytes.length) {
    throw new SealedError('receipt_invalid', 'bytes follow the receipt');
  }
  return { job, node, model, tier, temperatureMicro, topPMicro, topK, tokensIn, tokensOut, mint, charge, quoteHash };
}

/** The hash that a receipt is signed and named by. */
export const receiptHash = (bytes: Bytes): Promise<Bytes> => sha256(utf8('nyxos:receipt:v1'), bytes);

/** Whether a key signed a receipt. */
export async function signedBy(receiptKey: Bytes, receipt: Bytes, signature: Bytes): Promise<boolean> {
  return verified(receiptKey, await receiptHash(receipt), signature);
}
