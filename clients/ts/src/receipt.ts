import { base58, base64, hex } from './bytes.js';
import { EscrowError } from './errors.js';

const TIERS: Record<number, string> = { 1: 'open', 2: 'verified', 4: 'confidential' };
// version, job, node, model; then the engine's name; tier, seed, sampler, two hashes; counts, mint, charge.
const ENGINE = 1 + 3 * 32;
const COUNTS = 1 + 8 + 3 * 4 + 2 * 32;

/** What a node's signed account of a job says of the money (docs/protocol.md §6). */
export interface Receipt {
  /** Hexadecimal. */
  job: string;
  tier: string;
  tokensIn: bigint;
  tokensOut: bigint;
  /** Base58. */
  mint: string;
  /** Base units. */
  charge: bigint;
}

/** Reads a receipt, from base64. */
export function readReceipt(text: unknown): Receipt {
  try {
    const bytes = base64.decode(String(text));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint8(0) !== 1) {
      throw new RangeError('it is of another version');
    }
    const from = ENGINE + 4 + view.getUint32(ENGINE, true);
    const counts = from + COUNTS;
    const mint = bytes.subarray(counts + 8, counts + 40);
    return {
      job: hex(bytes.subarray(1, 33)), tier: TIERS[view.getUint8(from)] ?? 'unknown', tokensIn: BigInt(view.getUint32(counts, true)), tokensOut: BigInt(view.getUint32(counts + 4, true)),
      mint: base58.encode(mint), charge: view.getBigUint64(counts + 40, true),
    };
  } catch (cause) {
    throw new EscrowError('receipt_invalid', 'the receipt cannot be read', { cause });
  }
}
