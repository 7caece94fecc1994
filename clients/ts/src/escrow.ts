import type { SchemeNetworkClient } from '@x402/core/types';
import { type Book } from './book.js';
import { type Bytes, decodeHeader, encodeHeader, hex } from './bytes.js';
import { EscrowError } from './errors.js';
import { type Price, charge, priceIn, promptBound, tierOf } from './price.js';
import { type Receipt, readReceipt } from './receipt.js';
import { type SessionKey, jobOf, key, pay, requestHash, signer } from './voucher.js';

const SCHEME = 'escrow';
// A member of our own in the offer: what the request is, as this client sent it. The gateway takes additions.
const REQUEST = 'requestHash';
const SERVICE = /^\/v1\/services\/([a-z0-9][a-z0-9_-]{0,47})$/;
const PRICES_LAST = 60_000;
const LOOK_AGAIN = 1_000;
// Requests that were answered 402 and may be paid for yet; the oldest are forgotten.
const MOST_ASKED = 1_024;
// Longer than any call lasts: a request that a gateway has not heard of by then, it never will.
const NEVER_ARRIVED = 15 * 60_000;
// USDC, so that the spending limits of @x402/fetch, which are in dollars, hold for vouchers too.
const DOLLARS = new Set(['4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v']);

/** A request that was paid for and came to its end. */
export interface Paid {
  /** Hexadecimal. */
  job: string;
  /** Base units: what the receipt charges. */
  charge: bigint;
  /** Base units: what this book counts as used of the escrow by now. */
  used: bigint;
}

/** How to pay. */
export interface EscrowOptions {
  /** The escrow's address, base58. */
  escrow: string;
  /** Its session key. */
  session: SessionKey;
  /** What it holds, base58. */
  mint: string;
  /** What was used of it: `memoryBook()`, or `fileBook(path)` of `@nyxos/x402/file`. */
  book: Book;
  /** Base units; what may cost more is not signed for. */
  mostPerCall: bigint;
  /** Told of each request whose receipt holds. */
  onPaid?: (paid: Paid) => void;
}

/** A payer with vouchers. */
export interface EscrowPayer {
  /** The scheme, for `new x402Client().register('solana:*', …)`. */
  scheme: SchemeNetworkClient;
  /** What goes inside of `wrapFetchWithPayment`: it sees the request that a voucher is bound to, and the receipt. */
  fetch(inner: typeof fetch): typeof fetch;
  /** Asks a gateway what has become of requests whose reply was lost, and ends those that have ended. @param gateway its base URL */
  settleOpen(gateway: string): Promise<void>;
}

/** A request that a voucher was signed for. */
interface Signed {
  job: string;
  ceiling: bigint;
  body: any;
  origin: string;
  price: Price;
}

/**
 * Pays with vouchers against an escrow: no transaction and no question to the chain per request. Plugs into the stock `@x402/fetch`:
 *
 *     const payer = await escrowPayer({ escrow, session, mint, book: fileBook('vouchers.json'), mostPerCall: 10_000n });
 *     const client = new x402Client().register('solana:*', payer.scheme);
 *     const fetchPaid = wrapFetchWithPayment(payer.fetch(fetch), client);
 *
 * A voucher is over what this payer's own book counts as used, the ceilings of its open requests, and this request's. A request enters the book with the charge of its
 * receipt, once that is what the receipt's token counts cost at the quoted price. A gateway's word can only end a request whose reply was lost, and with no more than
 * that request's ceiling, which was signed for.
 */
export async function escrowPayer(options: EscrowOptions): Promise<EscrowPayer> {
  const { book, mostPerCall } = options;
  const escrow = key(options.escrow, 'escrow');
  key(options.mint, 'mint');
  if (mostPerCall < 1n) {
    throw new EscrowError('too_expensive', `mostPerCall is ${mostPerCall}, must be at least 1`);
  }
  const sign = await signer(options.session);
  // By request hash what was asked, by nonce what was signed.
  const asked = new Map<string, { body: any; origin: string; price: Price }>();
  const signed = new Map<string, Signed>();
  const prices = new Map<string, { price: Price; at: number }>();
  const looked = new Map<string, number>();

  async function json(inner: typeof fetch, url: string): Promise<any> {
    const response = await inner(url);
    if (!response.ok) {
      throw new EscrowError('gateway_malformed', `${url} answered ${response.status}`);
    }
    return response.json();
  }

  async function priceOf(inner: typeof fetch, origin: string, body: any, newest = false): Promise<Price> {
    const tier = tierOf(body);
    const name = `${origin} ${body.model} ${tier}`;
    const known = prices.get(name);
    if (known && !newest && Date.now() - known.at < PRICES_LAST) {
      return known.price;
    }
    const model = String(body.model).split('/').map(encodeURIComponent).join('/');
    const price = priceIn(await json(inner, `${origin}/v1/models/${model}`), tier, options.mint);
    prices.set(name, { price, at: Date.now() });
    return price;
  }

  /** Ends what was lost before, but does not ask more often than that makes sense. */
  async function settleLost(inner: typeof fetch, origin: string): Promise<void> {
    if (Date.now() - (looked.get(origin) ?? 0) > LOOK_AGAIN) {
      looked.set(origin, Date.now());
      await settleOpen(inner, origin);
    }
  }

  async function settleOpen(inner: typeof fetch, origin: string): Promise<void> {
    for (const each of await book.open(options.escrow)) {
      if ([...signed.values()].some(running => running.job === each.job)) {
        continue;
      }
      const response = await inner(`${origin}/v1/jobs/${each.job}`);
      if (response.status === 404) {
        if (Date.now() - each.since > NEVER_ARRIVED) {
          await book.end(options.escrow, each.job, 0n);
        }
        continue;
      }
      const job: any = await response.json();
      if (job.state === 'released') {
        await book.end(options.escrow, each.job, 0n);
      } else if (job.state === 'executed') {
        // Its word, but never for more than was signed for.
        const said = /^\d{1,19}$/.test(job.charge) ? BigInt(job.charge) : each.ceiling;
        await book.end(options.escrow, each.job, said < each.ceiling ? said : each.ceiling);
      }
    }
  }

  /** Leaves of a challenge what this payer can pay, and adds what only it knows: what was asked. */
  async function challenged(inner: typeof fetch, request: Request, body: Bytes, response: Response): Promise<Response> {
    const header = response.headers.get('PAYMENT-REQUIRED');
    if (!header) {
      return response;
    }
    const required = decodeHeader(header);
    const url = new URL(request.url);
    const service = SERVICE.exec(url.pathname)?.[1];
    let content: any;
    try {
      // What a service is told is its own; a call of it counts as one output token.
      content = service === undefined ? JSON.parse(new TextDecoder().decode(body)) : { model: service, max_tokens: 1, service };
    } catch {
      return response;
    }
    const offered = required.accepts?.some((each: any) => each.scheme === SCHEME && each.asset === options.mint);
    const request32 = hex(await requestHash(request.method.toUpperCase(), url.pathname + url.search, body));
    if (offered) {
      await settleLost(inner, url.origin);
      const price = await priceOf(inner, url.origin, content);
      asked.delete(request32);
      asked.set(request32, { body: content, origin: url.origin, price });
      if (asked.size > MOST_ASKED) {
        asked.delete(asked.keys().next().value as string);
      }
    }
    required.accepts = (required.accepts ?? []).filter((each: any) => each.scheme !== SCHEME || each.asset === options.mint)
      .map((each: any) => each.scheme === SCHEME ? { ...each, extra: { ...each.extra, [REQUEST]: request32 } } : each);
    const headers = new Headers(response.headers);
    headers.set('PAYMENT-REQUIRED', encodeHeader(required));
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  }

  const scheme: SchemeNetworkClient = {
    scheme: SCHEME,
    findDefaultAsset: asset => DOLLARS.has(asset) && asset === options.mint ? { asset, decimals: 6, symbol: 'USDC' } : undefined,
    schemeHooks: {
      // A voucher that came too late behind others is signed anew, over all that is open by now.
      onPaymentResponse: async ({ settleResponse }) => settleResponse?.success === false && settleResponse.errorReason === 'voucher_insufficient' ? { recovered: true } : undefined,
    },
    async createPaymentPayload(x402Version, requirements) {
      const request = requirements.extra?.[REQUEST];
      const what = typeof request === 'string' ? asked.get(request) : undefined;
      if (typeof request !== 'string' || !what) {
        throw new EscrowError('wrong_order', 'the request was not seen: put payer.fetch(fetch) inside of wrapFetchWithPayment');
      }
      if (requirements.asset !== options.mint) {
        throw new EscrowError('not_offered', `the gateway takes no vouchers in mint ${options.mint}; nothing was signed`);
      }
      const ceiling = /^\d{1,19}$/.test(requirements.amount) ? BigInt(requirements.amount) : 0n;
      if (ceiling < 1n || ceiling > mostPerCall) {
        throw new EscrowError('too_expensive', `the request may cost ${requirements.amount} base units, more than the ${mostPerCall} allowed; nothing was signed`);
      }
      const nonce = crypto.getRandomValues(new Uint8Array(32));
      const job = hex(await jobOf(escrow, nonce));
      const cumulative = await book.reserve(options.escrow, job, ceiling, Date.now());
      signed.set(hex(nonce), { job, ceiling, ...what });
      const bound = Uint8Array.from(request.match(/../g) ?? [], pair => parseInt(pair, 16));
      return { x402Version, payload: await pay(sign, escrow, cumulative, nonce, bound) };
    },
  };

  /** What the gateway shows of a job is what was signed for. @returns its charge */
  async function due(inner: typeof fetch, shown: any, mine: Signed, replayed: boolean): Promise<Receipt> {
    const receipt = readReceipt(shown?.receipt);
    const invalid = (why: string) => new EscrowError('receipt_invalid', `the receipt does not hold: ${why}; the request stays open in the book, use another gateway`);
    if (receipt.job !== shown.job || String(receipt.charge) !== shown.charge || !replayed && receipt.job !== mine.job) {
      throw invalid(`it is of job ${receipt.job} and charges ${receipt.charge}, signed for was job ${mine.job}, the reply says ${shown.charge}`);
    }
    if (receipt.mint !== options.mint || receipt.tier !== tierOf(mine.body)) {
      throw invalid(`it is in mint ${receipt.mint} and of tier ${receipt.tier}`);
    }
    const most = mine.body.max_completion_tokens ?? mine.body.max_tokens;
    // Of each choice; what was asked for is this client's own word, which the gateway took.
    const choices = BigInt(mine.body.n ?? 1);
    if (receipt.tokensIn > promptBound(mine.body) || most !== undefined && most !== null && receipt.tokensOut > BigInt(most) * choices) {
      throw invalid(`${receipt.tokensIn} prompt and ${receipt.tokensOut} output tokens are more than this request can have`);
    }
    const cost = (price: Price) => {
      const exact = charge(price, receipt.tokensIn, receipt.tokensOut);
      return exact < mine.ceiling ? exact : mine.ceiling;
    };
    // Prices may have changed since they were looked at.
    if (receipt.charge !== cost(mine.price) && receipt.charge !== cost(await priceOf(inner, mine.origin, mine.body, true))) {
      throw invalid(`it charges ${receipt.charge} base units for ${receipt.tokensIn} tokens in and ${receipt.tokensOut} out, which cost ${cost(mine.price)}`);
    }
    return receipt;
  }

  async function booked(inner: typeof fetch, shown: any, mine: Signed, replayed: boolean): Promise<void> {
    const receipt = await due(inner, shown, mine, replayed);
    if (receipt.job !== mine.job) {
      // The purchase was made before, and this voucher was not taken for it.
      await book.end(options.escrow, mine.job, 0n);
    }
    const used = await book.end(options.escrow, receipt.job, receipt.charge);
    options.onPaid?.({ job: receipt.job, charge: receipt.charge, used });
  }

  /** @param over called when nothing of the request is on its way any more */
  async function answered(inner: typeof fetch, response: Response, mine: Signed, over: () => void): Promise<Response> {
    if (response.status !== 200) {
      // Refused or failed by the gateway's own answer: nothing is charged.
      await book.end(options.escrow, mine.job, 0n);
      over();
      return response;
    }
    const replayed = response.headers.get('Idempotent-Replayed') === 'true';
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    headers.delete('content-encoding');
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      const watch = watched(shown => booked(inner, shown, mine, replayed), () => book.end(options.escrow, mine.job, 0n));
      // Whether it is read to its end, breaks, or is left by its reader.
      void response.body?.pipeTo(watch.writable).catch(() => undefined).finally(over);
      return new Response(watch.readable, { status: 200, headers });
    }
    const text = await response.text();
    let root: any;
    try {
      root = JSON.parse(text);
    } catch (cause) {
      throw new EscrowError('gateway_malformed', 'the reply is not JSON; the request stays open in the book', { cause });
    }
    await booked(inner, mine.body.service === undefined ? root.nyxos : served(response), mine, replayed);
    over();
    return new Response(text, { status: 200, headers });
  }

  return {
    scheme,
    settleOpen: gateway => settleOpen(fetch, new URL(gateway).origin),
    fetch: inner => async (input, init) => {
      const request = new Request(input, init);
      const payment = request.headers.get('PAYMENT-SIGNATURE');
      if (!payment) {
        const body = new Uint8Array(await request.clone().arrayBuffer());
        const response = await inner(request.clone());
        return response.status === 402 ? challenged(inner, request, body, response) : response;
      }
      const { accepted, payload } = decodeHeader(payment);
      const mine = accepted?.scheme === SCHEME ? signed.get(payload?.nonce) : undefined;
      if (!mine) {
        return inner(request);
      }
      const over = () => signed.delete(payload.nonce);
      try {
        // Where there is no answer the request stays open: it may have been served.
        return await answered(inner, await inner(request), mine, over);
      } catch (e) {
        over();
        throw e;
      }
    },
  };
}

/** What other replies have as their member `nyxos`, of a service's, whose body is its own. */
function served(response: Response): any {
  try {
    return decodeHeader(response.headers.get('Nyxos-Served') ?? '');
  } catch (cause) {
    throw new EscrowError('gateway_malformed', 'the reply of a service lacks Nyxos-Served; the request stays open in the book', { cause });
  }
}

/** Passes a stream on and looks for its end: with the receipt, or with an error. */
function watched(receipt: (shown: any) => Promise<void>, failure: () => Promise<unknown>): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let buffer = '';
  let over = false;
  return new TransformStream({
    async transform(part, out) {
      buffer += decoder.decode(part, { stream: true });
      for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 1);
        if (line.startsWith('data: {')) {
          const chunk = JSON.parse(line.slice('data: '.length));
          if (chunk.nyxos) {
            await receipt(chunk.nyxos);
            over = true;
          } else if (chunk.error) {
            await failure();
            over = true;
          }
        }
        out.enqueue(encoder.encode(`${line}\n`));
      }
    },
    flush() {
      // An SDK takes a stream that just ends for a whole one.
      if (!over) {
        throw new EscrowError('stream_broken', 'the stream ended before its end; the request stays open in the book');
      }
    },
  });
}
