import { type Bytes, equal, key } from './bytes.js';
import { SealedError } from './errors.js';

const TOKEN_PROGRAMS = ['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'].map(each => key(each, 'a token program'));
const TRANSFER_CHECKED = 12;
const SIGNATURE = 64;
const KEY = 32;

/** A transfer of tokens in a transaction. */
export interface Transfer {
  mint: Bytes;
  /** Base units. */
  amount: bigint;
  /** Whose tokens they were. */
  owner: Bytes;
  /** Token account that gets them. */
  destination: Bytes;
}

/** A Solana transaction that names all its accounts itself. */
export interface Transaction {
  /** What its signers sign. */
  message: Bytes;
  /** Of one of its signers. */
  signatureOf(signer: Bytes): Bytes | undefined;
  /** Its one TransferChecked. */
  transfer(): Transfer;
}

const malformed = (why: string): SealedError => new SealedError('payment_malformed', `the transaction cannot be read: ${why}`);

/** Reads a transaction, legacy or of version 0. */
export function decodeTransaction(bytes: Bytes): Transaction {
  let at = 0;
  const take = (length: number): Bytes => {
    at += length;
    if (at > bytes.length) {
      throw malformed('it ends too early');
    }
    return bytes.slice(at - length, at);
  };
  const u8 = () => take(1)[0];
  const count = (): number => {
    const low = u8();
    if (low < 0x80) {
      return low;
    }
    // More than 1,232 bytes there never are.
    const high = u8();
    if (high === 0 || high >= 0x80) {
      throw malformed('a count');
    }
    return (low & 0x7f) | high << 7;
  };
  const times = <T>(length: number, each: () => T): T[] => Array.from({ length }, each);

  const signatures = times(count(), () => take(SIGNATURE));
  const message = bytes.slice(at);
  const first = u8();
  const versioned = first >= 0x80;
  if (versioned && first !== 0x80) {
    throw malformed('it is of another version');
  }
  const signers = versioned ? u8() : first;
  take(2);
  const accounts = times(count(), () => take(KEY));
  if (signers !== signatures.length || signers > accounts.length) {
    throw malformed('its signatures are not those of its signers');
  }
  take(KEY);
  const instructions = times(count(), () => ({ program: u8(), accounts: take(count()), data: take(count()) }));
  if (versioned && count() !== 0) {
    throw malformed('it names accounts through lookup tables');
  }
  if (at !== bytes.length) {
    throw malformed('something follows it');
  }
  const account = (index: number): Bytes => {
    if (index >= accounts.length) {
      throw malformed('an instruction names an account that is not there');
    }
    return accounts[index];
  };
  return {
    message,
    signatureOf: signer => signatures[accounts.slice(0, signers).findIndex(each => equal(each, signer))],
    transfer: () => {
      const found = instructions.filter(each => TOKEN_PROGRAMS.some(program => equal(account(each.program), program)));
      if (found.length !== 1 || found[0].data[0] !== TRANSFER_CHECKED || found[0].data.length !== 10 || found[0].accounts.length !== 4) {
        throw malformed('it is not one TransferChecked');
      }
      const [, mint, destination, owner] = Array.from(found[0].accounts, account);
      return { mint, destination, owner, amount: new DataView(found[0].data.buffer).getBigUint64(1, true) };
    },
  };
}
