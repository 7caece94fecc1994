import { type Bytes, join, sha256, utf8 } from './bytes.js';
import { EscrowError } from './errors.js';

/** secp256k1's order. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** What an EVM wallet signs (`eth_signTypedData_v4`) to own a Solana wallet. */
export const evmTypedData = (account = 0) => ({
  types: {
    EIP712Domain: [{ name: 'name', type: 'string' }, { name: 'version', type: 'string' }],
    Wallet: [{ name: 'purpose', type: 'string' }, { name: 'account', type: 'uint32' }],
  },
  primaryType: 'Wallet',
  domain: { name: 'Nyxos', version: '1' },
  message: {
    purpose: 'This signature is the key of a Solana wallet. Who has it can spend all that this wallet holds. Sign it only for software that you trust, and give it to nobody.',
    account,
  },
} as const);

/**
 * The 32 bytes that the Solana wallet of an EVM wallet is made from (`createKeyPairSignerFromPrivateKeyBytes` of `@solana/kit`): always the same for the same wallet.
 *
 * @param sign gives the wallet's signature, `0x` and 65 bytes in hexadecimal; asked twice, since a wallet that signs differently each time would lose the key
 */
export async function evmWallet(sign: (typedData: ReturnType<typeof evmTypedData>) => Promise<string>, account = 0): Promise<Bytes> {
  const first = await seed(await sign(evmTypedData(account)));
  const second = await seed(await sign(evmTypedData(account)));
  if (first.some((byte, at) => byte !== second[at])) {
    throw new EscrowError('signature_varies', 'this wallet signs the same text differently each time: no key can be made of that, since nobody could make it again');
  }
  return first;
}

async function seed(signature: string): Promise<Bytes> {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) {
    throw new EscrowError('signature_invalid', "an EVM wallet's signature is 0x and 130 hexadecimal digits");
  }
  const r = BigInt(signature.slice(0, 66));
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  if (r === 0n || s === 0n || r >= ORDER || s >= ORDER) {
    throw new EscrowError('signature_invalid', 'this is no signature: its numbers are out of range');
  }
  // s and its negative are the same signature; wallets give the lower one (EIP-2), hardware not always.
  return sha256(utf8('nyxos:evm-wallet:v1'), join(scalar(r), scalar(s > ORDER / 2n ? ORDER - s : s)));
}

const scalar = (value: bigint): Bytes => Uint8Array.from(value.toString(16).padStart(64, '0').match(/../g)!, byte => parseInt(byte, 16));
