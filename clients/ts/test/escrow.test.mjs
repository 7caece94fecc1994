// What is signed and booked, with the stock @x402/fetch around it and gateways inside that lie.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { escrowPayer, memoryBook } from '../dist/index.js';
import { MINT, account, gateway, receipt } from './gateway.mjs';

const URL_ = 'http://gateway.test/v1/chat/completions';
// 64 + 2 + 32 + 2 · 8
const CEILING = 114n;
// 5 tokens in, 3 out
const CHARGE = 11n;
const ask = (stream = false) => ({ method: 'POST', body: JSON.stringify({ model: 'm', max_tokens: 8, stream, messages: [{ role: 'user', content: 'hi' }] }) });

async function setup(lies = {}, more = {}) {
  const owner = await account();
  const { inner, seen } = gateway(owner, lies);
  const book = more.book ?? memoryBook();
  const paid = [];
  const payer = await escrowPayer({ escrow: owner.escrow, session: owner.session, mint: MINT, book, mostPerCall: 1_000n, onPaid: each => paid.push(each), ...more });
  const exact = { scheme: 'exact', createPaymentPayload: async () => assert.fail('a voucher is preferred') };
  const client = new x402Client().register('solana:*', exact).register('solana:*', payer.scheme);
  return { owner, seen, book, paid, payer, inner, fetchPaid: wrapFetchWithPayment(payer.fetch(inner), client) };
}

test('a request is paid for by a voucher and booked with what its receipt charges', async () => {
  const { fetchPaid, seen, book, owner, paid } = await setup();
  for (let i = 0; i < 3; i++) {
    const response = await fetchPaid(URL_, ask(i === 1));
    assert.equal(response.status, 200);
    assert.match(await response.text(), /hel/);
  }
  assert.deepEqual(seen.vouchers, [CEILING, CHARGE + CEILING, 2n * CHARGE + CEILING]);
  assert.equal(await book.used(owner.escrow), 3n * CHARGE);
  assert.deepEqual(await book.open(owner.escrow), []);
  assert.deepEqual(paid.map(each => [each.charge, each.used]), [[CHARGE, CHARGE], [CHARGE, 2n * CHARGE], [CHARGE, 3n * CHARGE]]);
});

test('the tier may stand behind the name of the model', async () => {
  const { fetchPaid, book, owner } = await setup({ account: (job, charge) => ({ receipt: receipt({ job, charge, tier: 'verified' }) }) });
  const asked = { method: 'POST', body: JSON.stringify({ model: 'm:verified', max_tokens: 8, messages: [{ role: 'user', content: 'hi' }] }) };
  assert.equal((await fetchPaid(URL_, asked)).status, 200);
  assert.equal(await book.used(owner.escrow), CHARGE);
});

test('several choices have each its own most output, and no more together', async () => {
  const three = { method: 'POST', body: JSON.stringify({ model: 'm', max_tokens: 8, n: 3, messages: [{ role: 'user', content: 'hi' }] }) };
  const counting = tokensOut => ({ account: job => ({ charge: String(5n + 2n * tokensOut), receipt: receipt({ job, charge: 5n + 2n * tokensOut, tokensOut: Number(tokensOut) }) }) });
  const honest = await setup(counting(24n));
  assert.equal((await honest.fetchPaid(URL_, three)).status, 200);
  assert.deepEqual(honest.seen.vouchers, [CEILING + 2n * 16n]);
  assert.equal(await honest.book.used(honest.owner.escrow), 53n);
  const liar = await setup(counting(25n));
  await assert.rejects(liar.fetchPaid(URL_, three), /receipt_invalid/);
  assert.equal((await liar.book.open(liar.owner.escrow)).length, 1);
});

test('what may cost more than is allowed is not signed for', async () => {
  const { fetchPaid, seen, book, owner } = await setup({ amount: () => 1_001n });
  await assert.rejects(fetchPaid(URL_, ask()), /too_expensive/);
  assert.equal(seen.paid, 0);
  assert.deepEqual(await book.open(owner.escrow), []);
});

test('the request that is signed for is the one that was sent, whatever a gateway says it was', async () => {
  const { fetchPaid, seen } = await setup({ extra: () => ({ requestHash: '00'.repeat(32) }) });
  assert.equal((await fetchPaid(URL_, ask())).status, 200);
  assert.equal(seen.vouchers.length, 1);
});

test('requests side by side are covered together, equal ones too', async () => {
  let arrived = 0;
  let go;
  const all = new Promise(resolve => { go = resolve; });
  const { fetchPaid, seen, book, owner } = await setup({ hold: () => (++arrived === 8 ? go() : undefined, all) });
  const answers = await Promise.all(Array.from({ length: 8 }, async () => (await fetchPaid(URL_, ask())).status));
  assert.deepEqual(answers, Array(8).fill(200));
  assert.equal(seen.vouchers.reduce((a, b) => a > b ? a : b), 8n * CEILING);
  assert.equal(await book.used(owner.escrow), 8n * CHARGE);
  assert.equal(seen.used, 8n * CHARGE);
});

const liars = {
  'charges more than the tokens cost': (job, charge) => ({ charge: String(charge + 1n), receipt: receipt({ job, charge: charge + 1n }) }),
  'says another charge than the receipt': (_job, charge) => ({ charge: String(charge + 1n) }),
  'has a receipt of another job': (_job, charge) => ({ job: '11'.repeat(32), receipt: receipt({ job: '11'.repeat(32), charge }) }),
  'has a receipt in another mint': (job, charge) => ({ receipt: receipt({ job, charge, mint: '11111111111111111111111111111111' }) }),
  'has a receipt of another tier': (job, charge) => ({ receipt: receipt({ job, charge, tier: 'verified' }) }),
  'counts more output than was allowed': job => ({ charge: '23', receipt: receipt({ job, charge: 23n, tokensOut: 9 }) }),
  'counts more input than the prompt can have': job => ({ charge: '105', receipt: receipt({ job, charge: 105n, tokensIn: 99 }) }),
  'has no receipt': () => ({ receipt: undefined }),
  'has half a receipt': () => ({ receipt: 'AQID' }),
};
for (const [lie, account] of Object.entries(liars)) {
  test(`a reply that ${lie} is not booked, and its request stays open`, async () => {
    const { fetchPaid, book, owner } = await setup({ account });
    await assert.rejects(fetchPaid(URL_, ask()), /receipt_invalid/);
    await assert.rejects((await fetchPaid(URL_, ask(true))).text(), /receipt_invalid/);
    assert.equal(await book.used(owner.escrow), 0n);
    assert.deepEqual((await book.open(owner.escrow)).map(each => each.ceiling), [CEILING, CEILING]);
  });
}

test('a charge above the ceiling is never owed', async () => {
  const { fetchPaid, paid } = await setup({ amount: () => 10n, account: job => ({ charge: '10', receipt: receipt({ job, charge: 10n }) }) });
  assert.equal((await fetchPaid(URL_, ask())).status, 200);
  assert.equal(paid[0].charge, 10n);
});

test('a request whose reply was lost stays covered, and is ended by the gateway\'s word with no more than was signed for', async () => {
  const { fetchPaid, book, owner, seen, payer, inner } = await setup({ lose: seen => seen.vouchers.length === 1, laterCharge: () => 999n });
  await assert.rejects(fetchPaid(URL_, ask()), /fetch failed/);
  const [lost] = await book.open(owner.escrow);
  assert.equal(lost.ceiling, CEILING);
  const real = globalThis.fetch;
  globalThis.fetch = inner;
  try {
    await payer.settleOpen('http://gateway.test/v1');
  } finally {
    globalThis.fetch = real;
  }
  assert.equal(await book.used(owner.escrow), CEILING);
  assert.deepEqual(await book.open(owner.escrow), []);
  seen.used = CEILING;
  assert.equal((await fetchPaid(URL_, ask())).status, 200);
  assert.deepEqual(seen.vouchers, [CEILING, 2n * CEILING]);
});

test('what a payer of another time left open is looked after before the next voucher', async () => {
  const book = memoryBook();
  const owner = await account();
  await book.reserve(owner.escrow, 'aa'.repeat(32), 50n, Date.now());
  await book.reserve(owner.escrow, 'bb'.repeat(32), 60n, Date.now());
  await book.reserve(owner.escrow, 'cc'.repeat(32), 70n, Date.now() - 16 * 60_000);
  await book.reserve(owner.escrow, 'dd'.repeat(32), 80n, Date.now());
  const { inner, seen } = gateway(owner);
  seen.jobs.set('aa'.repeat(32), { state: 'executed', charge: '20' });
  seen.jobs.set('bb'.repeat(32), { state: 'released', charge: '0' });
  seen.used = 20n;
  const payer = await escrowPayer({ ...owner, mint: MINT, book, mostPerCall: 1_000n });
  const fetchPaid = wrapFetchWithPayment(payer.fetch(inner), new x402Client().register('solana:*', payer.scheme));
  assert.equal((await fetchPaid(URL_, ask())).status, 200);
  assert.deepEqual(seen.vouchers, [20n + 80n + CEILING], 'one that nobody has heard of yet stays covered, one that is old does not');
  assert.equal(await book.used(owner.escrow), 20n + CHARGE);
});

test('a refusal costs nothing, and no word of a gateway makes the next voucher larger', async () => {
  const { fetchPaid, book, owner, seen } = await setup({ refuse: seen => seen.vouchers.length < 3 ? 'voucher_exceeds_deposit' : undefined });
  assert.equal((await fetchPaid(URL_, ask())).status, 402);
  assert.equal((await fetchPaid(URL_, ask())).status, 402);
  assert.equal((await fetchPaid(URL_, ask())).status, 200);
  assert.deepEqual(seen.vouchers, [CEILING, CEILING, CEILING]);
  assert.equal(await book.used(owner.escrow), CHARGE);
});

test('a voucher that others overtook is signed anew, once', async () => {
  const { fetchPaid, seen, book, owner } = await setup({ refuse: seen => seen.vouchers.length < 2 ? 'voucher_insufficient' : undefined });
  assert.equal((await fetchPaid(URL_, ask())).status, 200);
  assert.deepEqual(seen.vouchers, [CEILING, CEILING]);
  assert.equal(await book.used(owner.escrow), CHARGE);
  const stubborn = await setup({ refuse: () => 'voucher_insufficient' });
  assert.equal((await stubborn.fetchPaid(URL_, ask())).status, 402);
  assert.equal(stubborn.seen.vouchers.length, 2);
  assert.deepEqual(await stubborn.book.open(stubborn.owner.escrow), []);
});

test('a job that failed costs nothing', async () => {
  const { fetchPaid, book, owner } = await setup({ status: () => 502 });
  assert.equal((await fetchPaid(URL_, ask())).status, 502);
  assert.deepEqual([await book.used(owner.escrow), await book.open(owner.escrow)], [0n, []]);
  const stream = await setup({ end: () => 'data: {"error":{"code":"node_lost"}}\n\n' });
  assert.match(await (await stream.fetchPaid(URL_, ask(true))).text(), /node_lost/);
  assert.deepEqual(await stream.book.open(stream.owner.escrow), []);
});

test('a stream that just ends is no reply, and stays open', async () => {
  const { fetchPaid, book, owner } = await setup({ end: () => '' });
  await assert.rejects((await fetchPaid(URL_, ask(true))).text(), /stream_broken/);
  assert.deepEqual((await book.open(owner.escrow)).map(each => each.ceiling), [CEILING]);
});

test('a reply that is given again ends the voucher that was not taken for it', async () => {
  const first = '22'.repeat(32);
  const book = memoryBook();
  const lies = { headers: () => ({ 'Idempotent-Replayed': 'true' }), account: (_job, charge) => ({ job: first, receipt: receipt({ job: first, charge }) }) };
  const { fetchPaid, owner, seen } = await setup(lies, { book });
  await book.reserve(owner.escrow, first, CEILING, Date.now());
  assert.equal((await fetchPaid(URL_, ask())).status, 200);
  assert.deepEqual([await book.used(owner.escrow), await book.open(owner.escrow)], [CHARGE, []]);
  assert.deepEqual(seen.vouchers, [2n * CEILING]);
});

test('a wrapper that does not see requests signs nothing', async () => {
  const { owner, inner, book, payer, seen } = await setup();
  const blind = wrapFetchWithPayment(inner, new x402Client(((_version, accepts) => accepts.find(each => each.asset === MINT))).register('solana:*', payer.scheme));
  await assert.rejects(blind(URL_, ask()), /wrong_order/);
  assert.equal(seen.paid, 0);
  assert.deepEqual(await book.open(owner.escrow), []);
});

test('keys that are none are refused at once', async () => {
  const owner = await account();
  const options = { ...owner, mint: MINT, book: memoryBook(), mostPerCall: 1n };
  for (const wrong of [{ escrow: 'no0l' }, { escrow: 'abc' }, { mint: 'abc' }, { session: new Uint8Array(31) }]) {
    await assert.rejects(escrowPayer({ ...options, ...wrong }), /invalid_key/);
  }
  await assert.rejects(escrowPayer({ ...options, mostPerCall: 0n }), /too_expensive/);
});
