import { type Bytes, base64Json, equal, fromBase64, fromHex, hex, key, sha256, toBase58, utf8, verified } from './bytes.js';
import type { Receipt } from './receipt.js';
import { decodeTransaction } from './transaction.js';

// Requests whose payment nobody has asked about yet; the oldest are forgotten.
const MOST_SEEN = 1_024;
const VOUCHER = 50;
const ZERO_JOB = new Uint8Array(32);

/** How a job was paid, in what the payer itself sent (docs/protocol.md §13). */
export type Payment = ExactPayment | VoucherPayment;

/** A transfer: x402's `exact`. */
export interface ExactPayment {
  kind: 'exact';
  /** As the payer signed it, base64. */
  transaction: string;
}

/** A voucher against an escrow. */
export interface VoucherPayment {
  kind: 'voucher';
  /** Base58. */
  escrow: string;
  /** The escrow's session key, base58, where it is known. */
  session?: string;
  /** Base64. */
  voucher: string;
  voucherSignature: string;
  /** Hexadecimal. */
  nonce: string;
  /** Base64. */
  requestSignature: string;
  /** Of the request that it pays for, hexadecimal. */
  requestHash: string;
  /** The most that the request may cost, as it was agreed to; base units. */
  ceiling: string;
}

/** Sees what is paid for sealed requests, so that receipts can be held against it. */
export interface PaymentWitness {
  /** Goes inside of whatever pays: `wrapFetchWithPayment(payments.fetch(fetch), client)`. */
  fetch(inner: typeof fetch): typeof fetch;
  /** What was sent along with this body, the last first; asked for once. */
  take(body: string): Payment[];
}

/** @param session the session key of the escrow that pays, base58: then a proof shows who signed its voucher */
export function paymentWitness(session?: string): PaymentWitness {
  if (session !== undefined) {
    key(session, 'the session key');
  }
  const seen = new Map<string, Payment[]>();
  return {
    fetch: inner => async (input, init) => {
      const request = new Request(input, init);
      const header = request.headers.get('payment-signature') ?? request.headers.get('x-payment');
      if (header !== null) {
        const body = await request.clone().text();
        const url = new URL(request.url);
        const requestHash = hex(await sha256(utf8(`${request.method} ${url.pathname}${url.search}\n`), utf8(body)));
        const payment = read(base64Json(header, 'the payment'), requestHash, session);
        if (payment !== undefined) {
          seen.set(body, [payment, ...seen.get(body) ?? []]);
          if (seen.size > MOST_SEEN) {
            seen.delete(seen.keys().next().value as string);
          }
        }
      }
      return inner(request);
    },
    take: body => {
      const payments = seen.get(body) ?? [];
      seen.delete(body);
      return payments;
    },
  };
}

function read(header: any, requestHash: string, session: string | undefined): Payment | undefined {
  const payload = header?.payload ?? {};
  if (typeof payload.transaction === 'string') {
    return { kind: 'exact', transaction: payload.transaction };
  }
  if (typeof payload.voucher === 'string') {
    return {
      kind: 'voucher', escrow: payload.escrow, ...session === undefined ? {} : { session }, voucher: payload.voucher, voucherSignature: payload.signature, nonce: payload.nonce,
      requestSignature: payload.requestSignature, requestHash, ceiling: String(header.accepted?.amount ?? ''),
    };
  }
  return undefined;
}

/** The job that a payment is for: it follows from the payment, so a payment has one job. */
export async function jobOf(payment: Payment): Promise<Bytes> {
  const named = (kind: number, ...parts: Uint8Array[]) => sha256(utf8('nyxos:job:v1'), Uint8Array.of(kind), ...parts);
  return payment.kind === 'exact' ? named(1, await sha256(decodeTransaction(fromBase64(payment.transaction, 'the transaction')).message))
    : named(2, key(payment.escrow, 'the escrow'), fromHex(payment.nonce, 'the nonce', 32));
}

/** The payment among several that a job was made by. */
export async function payingFor(job: Bytes, payments: Payment[]): Promise<Payment | undefined> {
  for (const payment of payments) {
    if (equal(job, await jobOf(payment).catch(() => ZERO_JOB))) {
      return payment;
    }
  }
  return undefined;
}

/** How a payment came to cover a receipt. */
export interface Covered {
  /** In words, for people. */
  how: string;
  /** Whether it was seen that the payer signed it. */
  signed: boolean;
}

/** Holds a receipt against what the payer sent; throws with the reason where it does not cover it. */
export async function covers(payment: Payment, receipt: Receipt): Promise<Covered> {
  return payment.kind === 'exact' ? transfer(payment, receipt) : voucher(payment, receipt);
}

async function transfer(payment: ExactPayment, receipt: Receipt): Promise<Covered> {
  const transaction = decodeTransaction(fromBase64(payment.transaction, 'the transaction'));
  const { mint, amount, owner, destination } = transaction.transfer();
  if (!equal(mint, receipt.mint)) {
    throw new Error(`paid was in mint ${toBase58(mint)}, charged in ${toBase58(receipt.mint)}`);
  }
  if (amount < receipt.charge) {
    throw new Error(`paid were ${amount} base units, charged are ${receipt.charge}`);
  }
  const signature = transaction.signatureOf(owner);
  if (signature === undefined || !await verified(owner, transaction.message, signature)) {
    throw new Error(`its owner ${toBase58(owner)} has not signed the transfer`);
  }
  return { how: `${toBase58(owner)} signed a transfer of ${amount} base units to token account ${toBase58(destination)}`, signed: true };
}

async function voucher(payment: VoucherPayment, receipt: Receipt): Promise<Covered> {
  const bytes = fromBase64(payment.voucher, 'the voucher');
  const escrow = key(payment.escrow, 'the escrow');
  if (bytes.length !== VOUCHER || bytes[0] !== 0x56 || bytes[1] !== 1 || !equal(bytes.subarray(2, 34), escrow)) {
    throw new Error('the voucher is none, or of another escrow');
  }
  const cumulative = new DataView(bytes.buffer).getBigUint64(34, true);
  const ceiling = /^\d{1,19}$/.test(payment.ceiling) ? BigInt(payment.ceiling) : 0n;
  if (receipt.charge > ceiling || receipt.charge > cumulative) {
    throw new Error(`charged are ${receipt.charge} base units, agreed were at most ${ceiling}, signed for ${cumulative} in all`);
  }
  if (payment.session === undefined) {
    return { how: `a voucher of escrow ${payment.escrow} up to ${cumulative} base units, ${ceiling} of them for this request`, signed: false };
  }
  const session = key(payment.session, 'the session key');
  const binding = await sha256(utf8('nyxos:request:v1'), escrow, bytes.slice(34, 42), fromHex(payment.nonce, 'the nonce', 32), fromHex(payment.requestHash, 'the request hash', 32));
  if (!await verified(session, bytes, fromBase64(payment.voucherSignature, "the voucher's signature"))
    || !await verified(session, binding, fromBase64(payment.requestSignature, "the request's signature"))) {
    throw new Error(`session key ${payment.session} has not signed the voucher for this request`);
  }
  return { how: `session key ${payment.session} signed a voucher of escrow ${payment.escrow} up to ${cumulative} base units, ${ceiling} of them for this request`, signed: true };
}
