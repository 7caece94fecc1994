// A gateway with one node behind it, in this process: the receiving half of the protocol, written from docs/protocol.md and not from this package.
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite } from '@hpke/core';
import { DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/dhkem-x25519';
import { XWing } from '@hpke/hybridkem-x-wing';
import { base58 } from '@scure/base';
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';

const hpke = kem => new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
const SUITES = {
  'x-wing': { suite: hpke(new XWing()), numbers: Buffer.from('647a00010003', 'hex') },
  x25519: { suite: hpke(new DhkemX25519HkdfSha256()), numbers: Buffer.from('002000010003', 'hex') },
};
const u32 = value => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };
const u64 = value => { const bytes = Buffer.alloc(8); bytes.writeBigUInt64LE(BigInt(value)); return bytes; };
const raw = key => key.export({ format: 'der', type: 'spki' }).subarray(-32);

export const MODEL = 'sealed-1';
export const MODEL_ID = Buffer.alloc(32, 7);

/** A node's sealing key, and how its prompts are opened. */
export async function sealingKeys(name) {
  const { suite, numbers } = SUITES[name];
  const pair = await suite.kem.generateKeyPair();
  const key = Buffer.from(await suite.kem.serializePublicKey(pair.publicKey));
  const id = createHash('sha256').update('nyxos:sealing-key:v1').update(numbers).update(key).digest();
  const context = encapsulation => suite.createRecipientContext({ recipientKey: pair, enc: encapsulation, info: Buffer.concat([Buffer.from('nyxos:prompt:v1'), id]) });
  return { id, shown: { suite: name, key: key.toString('base64') }, context };
}

/**
 * @param lies changes what the gateway does: {frames, receipt, signer, shown, cut}
 * @param suite of the node's sealing key
 */
export async function gateway(lies = {}, suite = 'x-wing') {
  const [node, receiptKey] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const sealing = await sealingKeys(suite);
  const keys = { node: base58.encode(raw(node.publicKey)), receiptKey: base58.encode(raw(receiptKey.publicKey)), sealingKey: base58.encode(sealing.id) };
  const seen = { bodies: [], prompts: [] };
  const shown = {
    node: keys.node, receipt_key: keys.receiptKey, sealing_key: keys.sealingKey, sealing: sealing.shown, tiers: ['confidential'], capacity: 4, busy: 0, models: [{ name: MODEL, model_id: MODEL_ID.toString('hex') }],
    evidence: { kind: 'tdx', nonce: '11'.repeat(32), quote: '', collateral: '{}', until_ms: Date.now() + 60_000, development: true }, ...lies.shown,
  };

  async function open(body) {
    if (body.sealed.key !== keys.sealingKey) throw new Error('sealed to another key');
    const recipient = await sealing.context(Buffer.from(body.sealed.encapsulation, 'base64'));
    const terms = Buffer.concat([Buffer.from('nyxos:prompt-terms:v1'), raw(node.publicKey), MODEL_ID, u32(body.max_tokens), u32(Math.round(body.temperature * 1e6)), u32(Math.round(body.top_p * 1e6)), u32(0)]);
    const prompt = Buffer.from(await recipient.open(Buffer.from(body.sealed.ciphertext, 'base64'), terms));
    if (prompt.length % 256 !== 0) throw new Error('the prompt is not padded');
    seen.prompts.push(JSON.parse(prompt.toString('utf8')));
    return Buffer.from(await recipient.export(Buffer.from('nyxos:reply:v1'), 32));
  }

  async function frames(body, secret, pieces) {
    const salt = Buffer.alloc(32, 9);
    const hmac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
    const prk = hmac(Buffer.concat([Buffer.from(body.sealed.encapsulation, 'base64'), salt]), secret);
    const info = Buffer.from('nyxos:reply:v1');
    const first = hmac(prk, info, Buffer.of(1));
    const nonce = hmac(prk, first, info, Buffer.of(2)).subarray(0, 12);
    const aead = new Chacha20Poly1305().createEncryptionContext(first);
    const lines = [Buffer.concat([Buffer.of(2), salt])];
    for (const [i, piece] of [...pieces, ''].entries()) {
      const kind = Buffer.of(i === pieces.length ? 1 : 0);
      const numbered = Buffer.from(nonce);
      numbered[11] ^= i;
      lines.push(Buffer.concat([kind, Buffer.from(await aead.seal(numbered, Buffer.from(piece), kind))]));
    }
    return (lies.frames ?? (all => all))(lines.map(line => `${line.toString('base64')}\n`));
  }

  /** The job that a payment is for, from docs/protocol.md §6. */
  function jobOf(header) {
    if (!header) return Buffer.alloc(32, 1);
    const { payload } = JSON.parse(Buffer.from(header, 'base64').toString());
    const named = createHash('sha256').update('nyxos:job:v1');
    if (payload.transaction) {
      const transaction = Buffer.from(payload.transaction, 'base64');
      return named.update(Buffer.of(1)).update(createHash('sha256').update(transaction.subarray(1 + 64 * transaction[0])).digest()).digest();
    }
    return named.update(Buffer.of(2)).update(base58.decode(payload.escrow)).update(Buffer.from(payload.nonce, 'hex')).digest();
  }

  function account(body, job) {
    const fields = {
      job, node: raw(node.publicKey), model: MODEL_ID, tier: 4, temperature: Math.round(body.temperature * 1e6), topP: Math.round(body.top_p * 1e6),
      tokensOut: 3, mint: Buffer.alloc(32, 5), charge: 42, ...lies.receipt,
    };
    const zero = Buffer.alloc(32);
    const receipt = Buffer.concat([Buffer.of(1), fields.job, fields.node, fields.model, u32(6), Buffer.from('engine'), Buffer.of(fields.tier), u64(0), u32(fields.temperature), u32(fields.topP), u32(0),
      zero, zero, u32(5), u32(fields.tokensOut), fields.mint, u64(fields.charge), Buffer.of(1), zero, zero, zero, u64(1), u64(2)]);
    const hash = createHash('sha256').update('nyxos:receipt:v1').update(receipt).digest();
    return {
      job: fields.job.toString('hex'), node: keys.node, tier: 'confidential', charge: '42', mint: base58.encode(Buffer.alloc(32, 5)), receipt: receipt.toString('base64'),
      receiptSignature: sign(null, hash, lies.signer ?? receiptKey.privateKey).toString('base64'),
    };
  }

  const json = (value, status = 200) => new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });

  async function answer(input, init = {}) {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    const sent = request.method === 'POST' ? await request.text() : null;
    if (path === '/v1/nodes') return json({ nodes: [shown] });
    if (path === `/v1/models/${MODEL}`) return json({ id: MODEL, default_max_tokens: 256 });
    if (path !== '/v1/chat/completions') return json({ echoed: sent });
    seen.bodies.push(sent);
    const body = JSON.parse(sent);
    const job = jobOf(request.headers.get('payment-signature'));
    const lines = await frames(body, await open(body), ['Hé', 'llo', ' world']);
    if (!body.stream) {
      return json({ object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: lines.join('') }, finish_reason: 'stop' }], usage: { total_tokens: 8 }, nyxos: account(body, job) });
    }
    const chunk = (delta, more = {}) => `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`;
    const events = [chunk({ role: 'assistant', content: '' }), ...lines.map(line => chunk({ content: line })), chunk({}, { usage: { total_tokens: 8 }, nyxos: account(body, job) }), 'data: [DONE]\n\n'];
    const bytes = Buffer.from((lies.cut ? events.slice(0, lies.cut) : events).join(''));
    // Parts that end in the middle of events, and of characters.
    const parts = Array.from({ length: Math.ceil(bytes.length / 11) }, (_, i) => bytes.subarray(11 * i, 11 * (i + 1)));
    return new Response(ReadableStream.from(parts), { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
  }
  return { fetch: answer, keys, seen, sealing };
}
