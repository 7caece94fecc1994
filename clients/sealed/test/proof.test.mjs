// From key to receipt to payment, each link forged in turn. (From quote to key: SealedFetchTest in gateway, where a TEE signs; tdx.test.mjs.)
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { test } from 'node:test';
import { base58 } from '@scure/base';
import { getProgramDerivedAddress } from '@solana/addresses';
import { paymentWitness, pinned, SealedError, sealedFetch, verifyProof } from '../dist/index.js';
import { registered } from '../dist/registry.js';
import { gateway, MODEL, MODEL_ID } from './node.mjs';

const raw = key => key.export({ format: 'der', type: 'spki' }).subarray(-32);
const pair = () => generateKeyPairSync('ed25519');
const u64 = value => { const bytes = Buffer.alloc(8); bytes.writeBigUInt64LE(BigInt(value)); return bytes; };
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const MINT = Buffer.alloc(32, 5);
const TOKEN = Buffer.from(base58.decode('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'));
const good = () => ({ how: 'good evidence' });

/** An exact payment: the sponsor's slot is empty, as when the payer sends it. */
function transaction({ payer = pair(), signer = payer, amount = 42, mint = MINT, kind = 12 } = {}) {
  const accounts = [randomBytes(32), raw(payer.publicKey), Buffer.alloc(32, 7), Buffer.alloc(32, 8), mint, TOKEN];
  const data = Buffer.concat([Buffer.of(kind), u64(amount), Buffer.of(6)]);
  const message = Buffer.concat([Buffer.of(2, 0, 2, accounts.length), ...accounts, randomBytes(32), Buffer.of(1, 5, 4, 2, 4, 3, 1, data.length), data]);
  return { transaction: Buffer.concat([Buffer.of(2), Buffer.alloc(64), sign(null, message, signer.privateKey), message]).toString('base64') };
}

/** A voucher payment, bound to a body. */
function voucher(body, { session, signer = session, cumulative = 100, path = '/v1/chat/completions' }) {
  const [escrow, nonce] = [Buffer.alloc(32, 9), randomBytes(32)];
  const bytes = Buffer.concat([Buffer.of(0x56, 1), escrow, u64(cumulative), u64(0)]);
  const binding = sha256(Buffer.from('nyxos:request:v1'), escrow, u64(cumulative), nonce, sha256(Buffer.from(`POST ${path}\n${body}`)));
  return {
    escrow: base58.encode(escrow), voucher: bytes.toString('base64'), signature: sign(null, bytes, signer.privateKey).toString('base64'), nonce: nonce.toString('hex'),
    requestSignature: sign(null, binding, signer.privateKey).toString('base64'),
  };
}

/** A wrapper that pays each chat. */
const paying = (inner, payload, amount = '42') => async (input, init) => {
  if (init?.method !== 'POST') return inner(input, init);
  const header = { x402Version: 2, accepted: { amount }, payload: payload(init.body) };
  return inner(input, { ...init, headers: { ...Object.fromEntries(init.headers), 'PAYMENT-SIGNATURE': Buffer.from(JSON.stringify(header)).toString('base64') } });
};

async function ask({ lies = {}, payload = () => transaction(), amount, session, outside = false, trust } = {}) {
  const behind = await gateway(lies);
  const payments = paymentWitness(session && base58.encode(raw(session.publicKey)));
  const inner = outside ? payments.fetch(paying(behind.fetch, payload, amount)) : paying(payments.fetch(behind.fetch), payload, amount);
  let reply;
  const fetched = sealedFetch(inner, { trust: trust?.(behind) ?? pinned([behind.keys]), payments, onReply: told => { reply = told; } });
  const response = await fetched('http://gateway/v1/chat/completions', {
    method: 'POST', body: JSON.stringify({ model: MODEL, max_tokens: 16, messages: [{ role: 'user', content: 'attack at dawn' }] }),
  });
  return { reply, error: (await response.json()).error };
}

const passed = findings => findings.filter(each => each.passed).map(each => each.check);
const failed = findings => findings.filter(each => !each.passed).map(each => each.check);
const ALL = ['evidence', 'sealing', 'receipt signature', 'receipt', 'job', 'payment'];

test('a reply paid by transfer comes with a proof that holds, as JSON, without the prompt', async () => {
  const { reply } = await ask();
  const text = JSON.stringify(reply.proof);
  assert.deepEqual(passed(await verifyProof(JSON.parse(text), good)), ALL);
  assert.ok(!text.includes('attack at dawn') && !text.includes('Héllo'));
});

test('a reply paid by voucher comes with a proof that holds; without the session key it does not say who signed', async () => {
  const session = pair();
  const paid = { payload: body => voucher(body, { session }), session };
  const { reply } = await ask(paid);
  assert.deepEqual(passed(await verifyProof(reply.proof, good)), ALL);
  const findings = await verifyProof((await ask({ ...paid, session: undefined })).reply.proof, good);
  assert.deepEqual(failed(findings), ['payment']);
  assert.match(findings.at(-1).why, /whose it is was not noted/);
});

const session = pair();
const unpaid = [
  ['a receipt of another job than was paid for', { lies: { receipt: { job: Buffer.alloc(32, 3) } } }, /not paid for here/],
  ['a payment that nobody saw', { outside: true }, /inside of the wrapper/],
  ['a charge beyond the transfer', { payload: () => transaction({ amount: 41 }) }, /paid were 41 base units, charged are 42/],
  ['a transfer in another mint', { payload: () => transaction({ mint: Buffer.alloc(32, 6) }) }, /paid was in mint/],
  ['something else than a checked transfer', { payload: () => transaction({ kind: 3 }) }, /not one TransferChecked/],
  ['a transfer that its owner did not sign', { payload: () => transaction({ signer: pair() }) }, /has not signed the transfer/],
  ['a charge beyond what was agreed to', { payload: body => voucher(body, { session }), amount: '41' }, /agreed were at most 41/],
  ['a charge beyond the voucher', { payload: body => voucher(body, { session, cumulative: 41 }) }, /signed for 41/],
  ['a voucher that the session key did not sign', { payload: body => voucher(body, { session, signer: pair() }), session }, /has not signed the voucher/],
  ['a voucher for another request', { payload: body => voucher(`${body} `, { session }), session }, /for this request/],
];
for (const [what, how, message] of unpaid) {
  test(`${what}: the reply is not believed`, async () => {
    const { error, reply } = await ask(how);
    assert.equal(error?.code, 'receipt_invalid');
    assert.match(error.message, message);
    assert.equal(reply, undefined);
  });
}

const other = pair();
const forged = [
  ['evidence', proof => ({ ...proof, version: 2 })],
  ['evidence', proof => proof, () => { throw new SealedError('evidence_refused', 'not this quote'); }],
  ['evidence', proof => ({ ...proof, evidence: { ...proof.evidence, nonce: 'short' } })],
  ['receipt signature', proof => ({ ...proof, receiptKey: base58.encode(raw(other.publicKey)) })],
  ['receipt signature', proof => ({ ...proof, receiptSignature: sign(null, Buffer.alloc(32), other.privateKey).toString('base64') })],
  ['receipt', proof => ({ ...proof, node: base58.encode(raw(other.publicKey)) })],
  ['receipt', proof => ({ ...proof, model: '00'.repeat(32) })],
  ['receipt', proof => ({ ...proof, maxOutput: 2 })],
  ['receipt', proof => ({ ...proof, sampler: { ...proof.sampler, topPMicro: 1 } })],
  ['job', proof => ({ ...proof, job: '00'.repeat(32) })],
  ['job', proof => ({ ...proof, payment: { kind: 'exact', ...transaction() } })],
  ['job payment', proof => ({ ...proof, payment: undefined })],
  ['job payment', proof => ({ ...proof, payment: { kind: 'exact', transaction: 'AAAA' } })],
];
for (const [links, forge, judge] of forged) {
  test(`a proof whose ${links} is forged does not hold: ${forge}`, async () => {
    const { reply } = await ask();
    assert.deepEqual(failed(await verifyProof(forge(reply.proof), judge ?? good)).join(' '), links);
  });
}

test('a receipt that was changed is not the one that was signed', async () => {
  const { reply: { proof } } = await ask();
  const receipt = Buffer.from(proof.receipt, 'base64');
  receipt[receipt.length - 1] ^= 1;
  assert.deepEqual(failed(await verifyProof({ ...proof, receipt: receipt.toString('base64') }, good)), ['receipt signature']);
});

// --- the registry on chain -------------------------------------------------------------------------------------------

const PROGRAM = 'NyxosRegistry111111111111111111111111111111';
const CONFIG = Buffer.alloc(32, 4);
const MRTD = 'ab'.repeat(48);

/** An RPC node with the registry's accounts of a node and its model, laid out by docs/protocol.md §2. @param change edits them */
function chain(keys, change = () => {}) {
  const node = Buffer.alloc(464);
  node.set([2, 1, 0, 1, 7]);
  [CONFIG, base58.decode(keys.node)].forEach((bytes, i) => node.set(bytes, 8 + 32 * i));
  [base58.decode(keys.receiptKey), base58.decode(keys.sealingKey)].forEach((bytes, i) => node.set(bytes, 136 + 32 * i));
  const model = Buffer.alloc(448);
  model.set([3, 1, 0, 1]);
  model.set(CONFIG, 8);
  model.set(MODEL_ID, 40);
  model[184] = 1;
  model.set(Buffer.from(MRTD, 'hex'), 192);
  const said = { node, model, owner: PROGRAM };
  change(said);
  return async (url, { body }) => {
    const { method, params: [addresses] } = JSON.parse(body);
    assert.equal(method, 'getMultipleAccounts');
    const expected = await Promise.all([['node', base58.decode(keys.node)], ['model', MODEL_ID]].map(async ([seed, id]) =>
      (await getProgramDerivedAddress({ programAddress: PROGRAM, seeds: [seed, CONFIG, id] }))[0]));
    assert.deepEqual(addresses, expected);
    if (said.down) throw new TypeError('fetch failed');
    return new Response(JSON.stringify(said.error ? { error: { message: said.error } } : {
      result: { value: [said.node, said.model].map(each => each && { owner: said.owner, data: [each.toString('base64'), 'base64'] }) },
    }));
  };
}

const measured = measurement => ({ keys }) => async offer => ({ ...await pinned([keys])(offer), measurement });
const knowing = (change, measurement = MRTD) => behind =>
  registered(measured(measurement)(behind), { rpc: 'http://rpc', program: PROGRAM, config: base58.encode(CONFIG), fetch: chain(behind.keys, change) });

test('a node that the registry bears out is trusted, with what its model may be measured as', async () => {
  const { reply } = await ask({ trust: knowing(() => {}) });
  assert.match(reply.how, /the registry on chain has these keys for it, and its measurement for the model/);
  assert.match((await ask({ trust: knowing(said => { said.model = null; }, 'cd'.repeat(48)) })).reply.how, /has these keys for it$/);
});

const unregistered = [
  ['a node that is not registered', said => { said.node = null; }, /not in the registry/],
  ['an account of another program', said => { said.owner = base58.encode(CONFIG); }, /not in the registry/],
  ['a node that is leaving', said => { said.node[3] = 2; }, /active node of the confidential tier/],
  ['a node of other tiers', said => { said.node[4] = 3; }, /active node of the confidential tier/],
  ['another receipt key', said => { said.node[136] ^= 1; }, /other keys/],
  ['another sealing key', said => { said.node[168] ^= 1; }, /other keys/],
  ['an attestation that was ended', said => { said.node[360] = 1; }, /ended for good/],
  ['another node\'s account', said => { said.node[40] ^= 1; }, /another form/],
  ['another model\'s account', said => { said.model[40] ^= 1; }, /another form/],
  ['a measurement that the model\'s publisher does not allow', said => { said.model[192] ^= 1; }, /none that the publisher of its model allows/],
];
for (const [what, change, message] of unregistered) {
  test(`${what}: nothing is sent`, async () => {
    const { error } = await ask({ trust: knowing(change) });
    assert.equal(error.code, 'no_trusted_node');
    assert.match(error.message, message);
  });
}

test('an ended attestation that a newer one followed is no reason', async () => {
  assert.ok((await ask({ trust: knowing(said => { said.node[360] = 1; said.node[256] = 1; }) })).reply);
});

test('a measurement that nobody looked at is none that a model allows', async () => {
  const { error } = await ask({ trust: behind => registered(pinned([behind.keys]), { rpc: 'http://rpc', program: PROGRAM, config: base58.encode(CONFIG), fetch: chain(behind.keys) }) });
  assert.match(error.message, /its own is not known/);
});

test('where the chain cannot be asked nothing is sent', async () => {
  for (const change of [said => { said.down = true; }, said => { said.error = 'busy'; }]) {
    assert.equal((await ask({ trust: knowing(change) })).error.code, 'registry_unreachable');
  }
});
