// The OpenAI SDK, paying with x402 and sealed, against a running gateway. Prints one line of JSON with what the client saw.
// Environment: GATEWAY, RPC, SECRET (base58 of a Solana keypair's 64 bytes), MODEL, ROOT (PEM of a development root), PROGRAM and CONFIG (of the registry). Argument: what to do.
import { readFileSync } from 'node:fs';
import { createKeyPairSignerFromBytes, getBase58Encoder } from '@solana/kit';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { ExactSvmScheme } from '@x402/svm/exact/client';
import OpenAI from 'openai';
import { paymentWitness, sealedFetch, verifyProof } from '../dist/index.js';
import { registered } from '../dist/registry.js';
import { tdx, tdxJudge } from '../dist/tdx.js';

const { GATEWAY, RPC, SECRET, MODEL, ROOT, PROGRAM, CONFIG } = process.env;
const signer = await createKeyPairSignerFromBytes(getBase58Encoder().encode(SECRET));
const payments = paymentWitness();
const paying = wrapFetchWithPayment(payments.fetch(fetch), new x402Client().register('solana:*', new ExactSvmScheme(signer, { rpcUrl: RPC })));
const replies = [];
const onReply = reply => replies.push({ ...reply, charge: String(reply.charge) });

function openai(trust) {
  return new OpenAI({ apiKey: 'none', baseURL: `${GATEWAY}/v1`, fetch: sealedFetch(paying, { trust, payments, onReply }) });
}

const question = { model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'attack at dawn' }] };
const development = { root: ROOT, anyMeasurement: true };
const judge = tdxJudge(development);

async function refused(trust) {
  return openai(trust).chat.completions.create(question).then(() => ({ refused: false }), ({ status, code, message }) => ({ refused: true, status, code, message }));
}

const doing = {
  async whole() {
    const completion = await openai(tdx(development)).chat.completions.create(question);
    return { text: completion.choices[0].message.content, usage: completion.usage, replies };
  },
  async stream() {
    const pieces = [];
    for await (const chunk of await openai(tdx(development)).chat.completions.create({ ...question, temperature: 0.3, stream: true, stream_options: { include_usage: true } })) {
      if (chunk.choices[0]?.delta?.content) pieces.push(chunk.choices[0].delta.content);
    }
    return { pieces, replies };
  },
  'strict-root': () => refused(tdx({ anyMeasurement: true })),
  'other-measurement': () => refused(tdx({ root: ROOT, measurements: [{ mrtd: 'ab'.repeat(48) }] })),
  async registered() {
    const trust = registered(tdx(development), { rpc: RPC, program: PROGRAM, config: CONFIG });
    return { ...await refused(trust), replies };
  },
  async check() {
    return { findings: await verifyProof(JSON.parse(readFileSync('proof.json', 'utf8')), judge) };
  },
  async proof() {
    for (let i = 0; i < 2; i++) {
      await openai(tdx(development)).chat.completions.create(question);
    }
    const [{ proof }, { proof: other }] = replies;
    const flipped = (text, at) => { const bytes = Buffer.from(text, 'base64'); bytes[at] ^= 1; return bytes.toString('base64'); };
    const forgeries = [
      ['evidence', { evidence: { ...proof.evidence, quote: flipped(proof.evidence.quote, 200) } }],
      ['evidence', { evidence: { ...proof.evidence, nonce: '00'.repeat(32) } }],
      ['evidence', { judgedMs: proof.judgedMs - 40 * 86_400_000 }],
      ['evidence sealing', { sealingKey: proof.node }],
      ['sealing', { sealing: { suite: 'x25519', key: Buffer.alloc(32, 9).toString('base64') } }],
      ['evidence receipt signature', { receiptKey: proof.node }],
      ['receipt signature', { receiptSignature: other.receiptSignature }],
      ['job', { payment: other.payment }],
    ];
    const forged = [];
    for (const [link, change] of forgeries) {
      const findings = await verifyProof({ ...proof, ...change }, judge);
      forged.push({ link, failed: findings.filter(each => !each.passed).map(each => each.check).join(' ') });
    }
    return { proof, findings: await verifyProof(proof, judge), forged };
  },
};

console.log(JSON.stringify(await doing[process.argv[2]]()));
process.exit(0);
