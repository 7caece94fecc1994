// What the wrapper sends, what it reads, and what it does not let pass.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import OpenAI from 'openai';
import { pinned, reportData, SealedError, sealedFetch } from '../dist/index.js';
import { gateway, MODEL } from './node.mjs';

const SECRET = 'attack at dawn';
const MESSAGES = [{ role: 'developer', content: 'Be brief.' }, { role: 'user', content: [{ type: 'text', text: SECRET }] }];

async function client(lies, trust) {
  const behind = await gateway(lies);
  const replies = [];
  const fetched = sealedFetch(behind.fetch, { trust: trust ?? pinned([behind.keys]), onReply: reply => replies.push(reply) });
  return { ...behind, replies, openai: new OpenAI({ apiKey: 'none', baseURL: 'http://gateway/v1', fetch: fetched }), fetched };
}

const ask = (openai, more = {}) => openai.chat.completions.create({ model: MODEL, messages: MESSAGES, ...more });

async function text(stream) {
  let all = '';
  for await (const chunk of stream) all += chunk.choices[0]?.delta?.content ?? '';
  return all;
}

test('the node reads the prompt, the asker the reply, and the gateway neither', async () => {
  const { openai, seen, replies, keys } = await client();
  const completion = await ask(openai, { max_tokens: 16, temperature: 0.1234567, stop: 'end' });
  assert.equal(completion.choices[0].message.content, 'Héllo world');
  assert.deepEqual(seen.prompts[0], { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: SECRET }], maxTokens: 16, stop: ['end'] });
  assert.ok(!seen.bodies.join().includes(SECRET) && !seen.bodies.join().includes('Be brief'));
  assert.equal(JSON.parse(seen.bodies[0]).temperature, 0.123457);
  assert.equal(replies[0].charge, 42n);
  assert.equal(replies[0].node, keys.node);
  assert.match(replies[0].how, /evidence was not looked at/);
});

test('a stream is opened wherever it is cut, with the default length of the model', async () => {
  const { openai, seen, replies } = await client();
  assert.equal(await text(await ask(openai, { stream: true })), 'Héllo world');
  assert.equal(seen.prompts[0].maxTokens, 256);
  assert.equal(replies.length, 1);
});

test('what is no chat passes through', async () => {
  const { fetched, seen } = await client();
  assert.deepEqual(await (await fetched('http://gateway/v1/other', { method: 'POST', body: 'as it is' })).json(), { echoed: 'as it is' });
  assert.equal(seen.bodies.length, 0);
});

const one = { max_tokens: 16 };
const refusals = [
  ['a node that is not trusted', {}, () => { throw new SealedError('evidence_refused', 'not this one'); }, one, 'no_trusted_node', /not this one; nothing was sent or paid/],
  ['keys that are not pinned', {}, pinned([]), one, 'no_trusted_node', /not among those that are pinned/],
  ['evidence that has expired', { shown: { evidence: { until_ms: 1 } } }, undefined, one, 'no_trusted_node', /expired/],
  ['a gateway without nodes of the model', { shown: { models: [] } }, undefined, one, 'no_trusted_node', /no node with evidence/],
  ['a node whose key is none', { shown: { sealing_key: 'nonsense!' } }, undefined, one, 'no_trusted_node', /not a key/],
  ['a node whose key is too short', { shown: { sealing_key: 'none' } }, undefined, one, 'no_trusted_node', /must have 32/],
  ['another tier', {}, undefined, { ...one, peer_tier: 'open' }, 'seal_tier', /open/],
  ['a parameter that would leak', {}, undefined, { ...one, user: SECRET }, 'unsupported_parameter', /'user' would reach the gateway/],
  ['tools', {}, undefined, { ...one, tools: [{ type: 'function', function: { name: SECRET } }] }, 'unsupported_parameter', /'tools'/],
];
for (const [what, lies, trust, request, code, message] of refusals) {
  test(`${what}: nothing is sent`, async () => {
    const { openai, seen } = await client(lies, trust);
    await assert.rejects(ask(openai, request), e => e.code === code && message.test(e.message) && e.status === 502 || assert.fail(`${e.code}: ${e.message}`));
    assert.equal(seen.bodies.length, 0);
  });
}

test('a wrapper that pays inside out is told so', async () => {
  const { fetched } = await client();
  const response = await fetched('http://gateway/v1/chat/completions', { method: 'POST', headers: { 'PAYMENT-SIGNATURE': 'x' }, body: JSON.stringify({ model: MODEL, messages: MESSAGES }) });
  assert.equal((await response.json()).error.code, 'wrong_order');
});

const other = generateKeyPairSync('ed25519');
const tampered = [
  ['a frame that is missing', { frames: all => [all[0], ...all.slice(2)] }, 'reply_seal_broken', /missing/],
  ['frames in another order', { frames: ([head, a, b, ...rest]) => [head, b, a, ...rest] }, 'reply_seal_broken', /out of order/],
  ['a reply that is cut off', { frames: all => all.slice(0, -1) }, 'reply_seal_broken', /cut off/],
  ['a reply in the clear', { frames: () => ['Hello, I am the gateway\n'] }, 'reply_seal_broken', /base64/],
  ['more behind the end', { frames: all => [...all, all[1]] }, 'reply_seal_broken', /follows the end/],
  ['a receipt that somebody else signed', { signer: other.privateKey }, 'receipt_invalid', /not signed by the receipt key/],
  ['a receipt of another node', { receipt: { node: Buffer.alloc(32, 3) } }, 'receipt_invalid', /another node/],
  ['a receipt of another model', { receipt: { model: Buffer.alloc(32, 3) } }, 'receipt_invalid', /another node, model/],
  ['a receipt of another tier', { receipt: { tier: 1 } }, 'receipt_invalid', /tier/],
  ['a receipt of another sampler', { receipt: { topP: 5 } }, 'receipt_invalid', /sampler/],
  ['a receipt of more tokens than asked for', { receipt: { tokensOut: 17 } }, 'receipt_invalid', /length/],
  ['a receipt of another charge than told', { receipt: { charge: 43 } }, 'receipt_invalid', /charge/],
];
for (const [what, lies, code, message] of tampered) {
  test(`${what}: the reply is not believed, and is not asked for again`, async () => {
    const { openai, seen, replies } = await client(lies);
    await assert.rejects(ask(openai, one), e => e.code === code && message.test(e.message) || assert.fail(`${e.code}: ${e.message}`));
    await assert.rejects(async () => text(await ask(openai, { ...one, stream: true })), e => e.code === code && message.test(e.message) || assert.fail(`${e.code}: ${e.message}`));
    assert.equal(seen.bodies.length, 2, 'an SDK that tries again pays again');
    assert.equal(replies.length, 0);
  });
}

test('a stream that just ends is not whole', async () => {
  for (const cut of [1, 3, 5, 6]) {
    const { openai } = await client({ cut });
    await assert.rejects(async () => text(await ask(openai, { ...one, stream: true })), e => e.code === 'reply_seal_broken' || assert.fail(String(e)));
  }
});

test('report data binds keys and nonce as the nodes do', async () => {
  const field = byte => new Uint8Array(32).fill(byte);
  // The vector of ReportDataTest in attestation.
  assert.equal(Buffer.from(await reportData(field(1), field(2), field(3), field(4))).toString('hex'),
    'bb43acf634ff852c7692a2a0a6e764a6fa91e9c95a71d284679f031aac7a24dde17623f5809f9a8dda7563b3815a6b5d9ad1e44acdb514f1e1476a72cb38b583');
});
