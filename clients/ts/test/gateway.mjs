// A gateway as a function: takes vouchers as the real one does, and lies where it is told to.
import { createHash, webcrypto } from 'node:crypto';
import { base58, base64 } from '@scure/base';

export const MINT = '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU';
const POOL = base58.encode(new Uint8Array(32).fill(7));
const u32 = value => { const b = Buffer.alloc(4); b.writeUInt32LE(value); return b; };
const u64 = value => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(value)); return b; };
const sha256 = (...parts) => { const h = createHash('sha256'); parts.forEach(part => h.update(part)); return h.digest(); };
const header = value => Buffer.from(JSON.stringify(value)).toString('base64');
const read = value => JSON.parse(Buffer.from(value, 'base64').toString('utf8'));
const TIER = { open: 1, verified: 2, confidential: 4 };

export async function account() {
  const pair = await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const seed = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey)).subarray(16);
  const publicKey = Buffer.from(await webcrypto.subtle.exportKey('raw', pair.publicKey));
  return { escrow: base58.encode(webcrypto.getRandomValues(new Uint8Array(32))), session: new Uint8Array(Buffer.concat([seed, publicKey])), verifier: pair.publicKey };
}

export function receipt({ job, mint = MINT, tier = 'open', tokensIn = 5, tokensOut = 3, charge }) {
  return base64.encode(new Uint8Array(Buffer.concat([Buffer.of(1), Buffer.from(job, 'hex'), Buffer.alloc(64), u32(4), Buffer.from('test'), Buffer.of(TIER[tier]), u64(1), Buffer.alloc(12),
    Buffer.alloc(64), u32(tokensIn), u32(tokensOut), Buffer.from(base58.decode(mint)), u64(charge), Buffer.of(0), Buffer.alloc(96), u64(1), u64(2)])));
}

/** @param lies what the gateway does wrong: functions by name */
export function gateway({ escrow, verifier }, lies = {}) {
  const seen = { vouchers: [], paid: 0, used: 0n, held: 0n, reserved: 0n, jobs: new Map() };
  const price = { in: 1_000_000n, out: 2_000_000n };
  const chargeOf = (tokensIn, tokensOut) => BigInt(tokensIn) * price.in / 1_000_000n + BigInt(tokensOut) * price.out / 1_000_000n;
  const respond = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

  function challenge(url, body, code, more = {}) {
    const amount = String(lies.amount?.() ?? 64n + BigInt(Buffer.byteLength(body.messages[0].content)) + 32n + 2n * BigInt(body.max_tokens) * BigInt(body.n ?? 1));
    const offer = (scheme, asset, extra) => ({ scheme, network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1', amount, asset, payTo: POOL, maxTimeoutSeconds: 60, extra });
    const accepts = [offer('exact', MINT, { paymentFlow: 'upfront', feePayer: POOL }), offer('escrow', POOL, {}), offer('escrow', MINT, { program: POOL, market: POOL, ...lies.extra?.() })];
    return respond(402, { x402Version: 1, error: code, accepts: [] }, { 'PAYMENT-REQUIRED': header({ x402Version: 2, error: code, resource: { url: String(url) }, accepts, extensions: {} }), ...more });
  }

  async function inner(input, init) {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.pathname.startsWith('/v1/models/')) {
      const tier = decodeURIComponent(url.pathname).split(':')[1] ?? 'open';
      return respond(200, { id: 'm', tiers: { [tier]: { pricing: [{ mint: MINT, per_million_in: String(price.in), per_million_out: String(price.out) }] } } });
    }
    if (url.pathname.startsWith('/v1/jobs/')) {
      const job = seen.jobs.get(url.pathname.split('/').pop());
      return job ? respond(200, job) : respond(404, { error: { code: 'job_not_found' } });
    }
    const raw = Buffer.from(await request.arrayBuffer());
    const body = JSON.parse(raw.toString('utf8'));
    const payment = request.headers.get('PAYMENT-SIGNATURE');
    if (!payment) {
      return challenge(url, body, 'payment_required');
    }
    seen.paid++;
    const { payload, accepted } = read(payment);
    const voucher = Buffer.from(payload.voucher, 'base64');
    const cumulative = voucher.readBigUInt64LE(34);
    const hash = sha256(`${request.method} ${url.pathname}${url.search}\n`, raw);
    const binding = sha256('nyxos:request:v1', base58.decode(escrow), u64(cumulative), Buffer.from(payload.nonce, 'hex'), hash);
    const signed = (signature, message) => webcrypto.subtle.verify('Ed25519', verifier, Buffer.from(signature, 'base64'), message);
    if (payload.escrow !== escrow || base58.encode(voucher.subarray(2, 34)) !== escrow || !await signed(payload.signature, voucher) || !await signed(payload.requestSignature, binding)) {
      throw new Error('the voucher is not signed as it has to be');
    }
    seen.vouchers.push(cumulative);
    const job = sha256('nyxos:job:v1', Buffer.of(2), base58.decode(escrow), Buffer.from(payload.nonce, 'hex')).toString('hex');
    const refusal = lies.refuse?.(seen);
    if (refusal) {
      const told = { success: false, errorReason: refusal, transaction: '', network: accepted.network, extra: { used: '999999999' } };
      return challenge(url, body, refusal, { 'PAYMENT-RESPONSE': header(told) });
    }
    // As a real one counts: the highest voucher that it took is the bound, in whichever order they come.
    const bound = seen.held > cumulative ? seen.held : cumulative;
    if (seen.used + seen.reserved + BigInt(accepted.amount) > bound) {
      return challenge(url, body, 'voucher_insufficient', { 'PAYMENT-RESPONSE': header({ success: false, errorReason: 'voucher_insufficient', transaction: '', network: accepted.network }) });
    }
    seen.held = bound;
    seen.reserved += BigInt(accepted.amount);
    await lies.hold?.();
    seen.reserved -= BigInt(accepted.amount);
    const charge = chargeOf(5, 3);
    seen.used += charge;
    seen.jobs.set(job, { job, state: 'executed', charge: String(lies.laterCharge?.() ?? charge) });
    if (lies.lose?.(seen)) {
      throw new TypeError('fetch failed');
    }
    const status = lies.status?.();
    if (status) {
      seen.used -= charge;
      return respond(status, { error: { code: 'node_lost', message: 'gone' } });
    }
    const account = { job, charge: String(charge), receipt: receipt({ job, charge }), ...lies.account?.(job, charge) };
    const headers = { 'PAYMENT-RESPONSE': header({ success: true, transaction: '', network: accepted.network, extra: { job, used: '999999999' } }), ...lies.headers?.() };
    if (!body.stream) {
      return respond(200, { choices: [{ message: { content: 'hello' } }], nyxos: account }, headers);
    }
    const events = ['data: {"choices":[{"delta":{"content":"hel"}}]}\n\n', 'data: {"choices":[{"delta":{"con', 'tent":"lo"}}]}\n\n'];
    events.push(lies.end?.() ?? `data: ${JSON.stringify({ choices: [], nyxos: account })}\n\ndata: [DONE]\n\n`);
    return new Response(new ReadableStream({ start(out) { events.forEach(event => out.enqueue(Buffer.from(event))); out.close(); } }),
      { status: 200, headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8' } });
  }
  return { inner, seen, chargeOf };
}
