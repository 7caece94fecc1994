// The OpenAI SDK, paying with x402 and sealed, against a running gateway. Prints one line of JSON with what the client saw.
// Environment: GATEWAY, RPC, SECRET (base58 of a Solana keypair's 64 bytes), MODEL, ROOT (PEM of a development root). Argument: what to do.
import { createKeyPairSignerFromBytes, getBase58Encoder } from '@solana/kit';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { ExactSvmScheme } from '@x402/svm/exact/client';
import OpenAI from 'openai';
import { sealedFetch } from '../dist/index.js';
import { tdx } from '../dist/tdx.js';

const { GATEWAY, RPC, SECRET, MODEL, ROOT } = process.env;
const signer = await createKeyPairSignerFromBytes(getBase58Encoder().encode(SECRET));
const paying = wrapFetchWithPayment(fetch, new x402Client().register('solana:*', new ExactSvmScheme(signer, { rpcUrl: RPC })));
const replies = [];
const onReply = reply => replies.push({ ...reply, charge: String(reply.charge) });

function openai(policy) {
  return new OpenAI({ apiKey: 'none', baseURL: `${GATEWAY}/v1`, fetch: sealedFetch(paying, { trust: tdx(policy), onReply }) });
}

const question = { model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'attack at dawn' }] };
const development = { root: ROOT, anyMeasurement: true };

async function refused(policy) {
  return openai(policy).chat.completions.create(question).then(() => ({ refused: false }), ({ status, code, message }) => ({ refused: true, status, code, message }));
}

const doing = {
  async whole() {
    const completion = await openai(development).chat.completions.create(question);
    return { text: completion.choices[0].message.content, usage: completion.usage, replies };
  },
  async stream() {
    const pieces = [];
    for await (const chunk of await openai(development).chat.completions.create({ ...question, temperature: 0.3, stream: true, stream_options: { include_usage: true } })) {
      if (chunk.choices[0]?.delta?.content) pieces.push(chunk.choices[0].delta.content);
    }
    return { pieces, replies };
  },
  'strict-root': () => refused({ anyMeasurement: true }),
  'other-measurement': () => refused({ root: ROOT, measurements: [{ mrtd: 'ab'.repeat(48) }] }),
};

console.log(JSON.stringify(await doing[process.argv[2]]()));
process.exit(0);
