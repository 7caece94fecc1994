// Keys to seal to, their ids, and who shows which. VECTORS names the file of the hybrid suite's known answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { base58 } from '@scure/base';
import { pinned, reportData, sealedFetch, sealingId, verifyProof } from '../dist/index.js';
import { hpkeOf, sealingKey } from '../dist/sealing.js';
import { gateway, MODEL, sealingKeys } from './node.mjs';

const vector = JSON.parse(readFileSync(process.env.VECTORS ?? new URL('../../../escrow/src/test/resources/network/nyxos/escrow/seal/x-wing.json', import.meta.url), 'utf8'));
const bytes = text => new Uint8Array(Buffer.from(text, 'hex'));
const hex = buffer => Buffer.from(buffer).toString('hex');
const base64 = buffer => Buffer.from(buffer).toString('base64');

test('the hybrid suite gives the bytes of draft-ietf-hpke-pq, appendix A.5', async () => {
  const suite = hpkeOf('x-wing');
  const recipientKey = await suite.kem.deserializePrivateKey(bytes(vector.skRm));
  const context = await suite.createRecipientContext({ recipientKey, enc: bytes(vector.enc.join('')), info: bytes(vector.info) });
  for (const { aad, ct } of vector.encryptions) {
    assert.equal(hex(await context.open(bytes(ct), bytes(aad))), vector.pt);
  }
  assert.equal(hex(await context.export(bytes(vector.exporter_context), 32)), vector.exported_value);
});

async function ask(behind, trust = pinned([behind.keys]), model = MODEL, more = {}) {
  let reply;
  const fetched = sealedFetch(behind.fetch, { trust, onReply: told => { reply = told; } });
  const response = await fetched('http://gateway/v1/chat/completions', {
    method: 'POST', body: JSON.stringify({ model, max_tokens: 16, messages: [{ role: 'user', content: 'attack at dawn' }], ...more }),
  });
  return { reply, body: await response.json() };
}

for (const [suite, encapsulation] of [['x-wing', 1120], ['x25519', 32]]) {
  test(`${suite}: the node reads the prompt, and the proof notes the suite`, async () => {
    const behind = await gateway({}, suite);
    const { reply, body } = await ask(behind);
    assert.equal(body.choices[0].message.content, 'Héllo world');
    assert.equal(behind.seen.prompts[0].messages[0].content, 'attack at dawn');
    assert.equal(Buffer.from(JSON.parse(behind.seen.bodies[0]).sealed.encapsulation, 'base64').length, encapsulation);
    assert.equal(reply.suite, suite);
    assert.equal(reply.proof.sealing.suite, suite);
    const link = async change => (await verifyProof({ ...reply.proof, ...change }, () => ({ how: 'good' }))).find(({ check }) => check === 'sealing');
    assert.equal((await link({})).passed, true);
    assert.equal((await link({ sealing: { suite: 'x25519', key: base64(base58.decode(reply.proof.sealingKey)) } })).passed, false);
    assert.equal((await link({ sealing: { ...reply.proof.sealing, suite: 'none' } })).passed, false);
    assert.equal((await link({ sealingKey: reply.proof.node })).passed, false);
    assert.equal(await link({ sealing: undefined }), undefined);
  });
}

const id = key => sealingId(sealingKey(key, 'a key'));

test('an id is of one suite and key, and is never a key', async () => {
  const hybrid = await sealingKeys('x-wing');
  const plain = await sealingKeys('x25519');
  const part = Buffer.from(hybrid.shown.key, 'base64').subarray(1184);
  const ids = await Promise.all([hybrid.shown, plain.shown, { suite: 'x25519', key: base64(hybrid.id) }, { suite: 'x25519', key: base64(part) }].map(id));
  assert.equal(hex(ids[0]), hex(hybrid.id));
  assert.equal(hex(ids[1]), hex(plain.id));
  assert.equal(new Set([...ids.map(hex), plain.shown.key]).size, 5);
});

/** A trust that looks at what evidence binds, as `tdx` does. */
const bound = behind => async offer => {
  const wanted = await reportData(base58.decode(behind.keys.node), base58.decode(behind.keys.receiptKey), base58.decode(behind.keys.sealingKey), offer.nonce);
  assert.equal(hex(offer.reportData), hex(wanted), 'other report data');
  return { how: 'bound', development: false };
};

test('a gateway cannot have a prompt sealed by a weaker suite than the evidence binds', async () => {
  const lies = { shown: {} };
  const behind = await gateway(lies);
  const own = await sealingKeys('x25519');
  const part = Buffer.from(behind.sealing.shown.key, 'base64').subarray(1184);
  const noPolynomials = Buffer.from(behind.sealing.shown.key, 'base64').fill(0xff, 0, 1152);
  const shows = async shown => {
    const lying = input => behind.fetch(input).then(async response => new Response(JSON.stringify({ nodes: (await response.json()).nodes.map(node => ({ ...node, ...shown })) })));
    return (await ask({ ...behind, fetch: (input, init) => (String(input).endsWith('/nodes') ? lying(input) : behind.fetch(input, init)) }, bound(behind))).body.error;
  };
  for (const weaker of [own.shown.key, base64(part), base64(behind.sealing.id)]) {
    const error = await shows({ sealing: { suite: 'x25519', key: weaker } });
    assert.equal(error.code, 'no_trusted_node');
    assert.match(error.message, /is not the id of the x25519 key/);
    // Its own id beside it: then no evidence binds that.
    await assert.rejects(shows({ sealing: { suite: 'x25519', key: weaker }, sealing_key: base58.encode(await id({ suite: 'x25519', key: weaker })) }), /other report data/);
  }
  for (const [sealing, message] of [[undefined, /of suite 'undefined'/], [{ suite: 'toString', key: '' }, /of suite 'toString'/], [{ suite: 'x-wing', key: own.shown.key }, /has 32 bytes/],
    [{ suite: 'x25519', key: behind.sealing.shown.key }, /has 1216 bytes/], [{ suite: 'x-wing', key: '!' }, /not base64/]]) {
    const error = await shows({ sealing });
    assert.equal(error.code, 'no_trusted_node');
    assert.match(error.message, message);
  }
  assert.equal(behind.seen.bodies.length, 0);
  const forged = { suite: 'x-wing', key: base64(noPolynomials) };
  const node = await gateway({ shown: { sealing: forged, sealing_key: base58.encode(await id(forged)) } });
  const { body } = await ask(node, () => ({ how: 'anything', development: false }));
  assert.equal(body.error.code, 'sealing_key_malformed');
  assert.equal(node.seen.bodies.length, 0);
});

test('a tier behind the model\'s name is read as the gateway reads it', async () => {
  const behind = await gateway();
  assert.equal((await ask(behind, undefined, `${MODEL}:confidential`)).body.choices[0].message.content, 'Héllo world');
  assert.equal((await ask(behind, undefined, `${MODEL}:confidential`, { peer_tier: 'confidential' })).body.choices[0].message.content, 'Héllo world');
  assert.deepEqual(behind.seen.bodies.map(body => JSON.parse(body).model), [MODEL, MODEL]);
  for (const [model, more] of [[`${MODEL}:verified`], [`${MODEL}:open`, { peer_tier: 'confidential' }], [`${MODEL}:confidential`, { peer_tier: 'open' }]]) {
    assert.equal((await ask(behind, undefined, model, more)).body.error.code, 'seal_tier');
  }
  for (const model of [`${MODEL}:7b`, ':confidential', `${MODEL}:confidential:`]) {
    const { error } = (await ask(behind, undefined, model)).body;
    assert.equal(error.code, 'no_trusted_node');
    assert.ok(error.message.includes(`model ${model} `), error.message);
  }
  assert.equal(behind.seen.bodies.length, 2);
});
