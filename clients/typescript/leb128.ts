// Unsigned LEB128 integers one after the other, each in its shortest form: how `settle_vouchers` takes what was not used of each voucher. Neither Codama nor
// Anchor has a type for it, so the generated client takes these bytes.

/** Writes numbers of 0 to 2^64 − 1. */
export function encodeLeb128(values: readonly bigint[]): Uint8Array {
  return Uint8Array.from(values.flatMap(value => {
    if (value < 0n || value >= 1n << 64n) {
      throw new RangeError(`${value} is no u64`);
    }
    const bytes = [];
    for (; value >= 0x80n; value >>= 7n) {
      bytes.push(Number(value & 0x7fn) | 0x80);
    }
    return [...bytes, Number(value)];
  }));
}

/** Reads numbers to the end of the bytes; refuses one that is cut off, too large, or not in its shortest form. */
export function decodeLeb128(bytes: ArrayLike<number>): bigint[] {
  const values = [];
  for (let at = 0; at < bytes.length; at++) {
    let value = 0n;
    let shift = 0n;
    for (; bytes[at] >= 0x80; at++, shift += 7n) {
      value |= BigInt(bytes[at] & 0x7f) << shift;
    }
    if (at === bytes.length) {
      throw new RangeError('the last number is cut off');
    }
    value |= BigInt(bytes[at]) << shift;
    if (value >= 1n << 64n || shift > 0n && bytes[at] === 0) {
      throw new RangeError('not a u64 in its shortest form');
    }
    values.push(value);
  }
  return values;
}
