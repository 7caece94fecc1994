// Real quotes with the verdicts they must get. NYXOS_SHARED names the folder that has attestation/manifest.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { INTEL_ROOT, tdx, verifyTdxQuote } from '../dist/tdx.js';

const folder = join(process.env.NYXOS_SHARED ?? '../../../shared', 'attestation');
const { vectors } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const quotes = vectors.filter(({ kind }) => kind === 'tdx-quote' || kind === 'sgx-quote');
const read = file => new Uint8Array(readFileSync(join(folder, file)));
const policy = { anyMeasurement: true };

function judge(quote, collateral, at, rules = policy) {
  try {
    return verifyTdxQuote(quote, collateral, rules, new Date(at * 1000));
  } catch (e) {
    assert.equal(e.code, 'evidence_refused', e.stack);
    return e.message;
  }
}

test('every recorded quote gets its verdict under the strict policy', () => {
  assert.ok(quotes.length > 30);
  for (const vector of quotes) {
    const verdict = judge(read(vector.quote), readFileSync(join(folder, vector.collateral), 'utf8'), vector.now);
    // Quotes of SGX enclaves are not evidence of a TD, whatever else holds.
    const expected = vector.kind === 'tdx-quote' && vector.expected.startsWith('ACCEPT');
    assert.equal(typeof verdict === 'object', expected, `${vector.id}: ${JSON.stringify(verdict)}`);
    if (!expected && vector.status && vector.kind === 'tdx-quote') {
      assert.match(verdict, new RegExp(`is ${vector.status}$`), vector.id);
    }
  }
});

const good = quotes.find(({ id }) => id.startsWith('tdx4-b0c06f-phala-uptodate@2025-07'));
const quote = read(good.quote);
const collateral = readFileSync(join(folder, good.collateral), 'utf8');

test('a bit that is flipped anywhere in the quote refuses it', () => {
  for (let at = 0; at < good.quoteLength; at += 7) {
    const changed = quote.slice();
    changed[at] ^= 1 << at % 8;
    assert.equal(typeof judge(changed, collateral, good.now), 'string', `byte ${at}`);
  }
});

test('a quote that is cut anywhere, or followed by anything but zeros, is refused', () => {
  for (let length = 0; length < good.quoteLength; length += 37) {
    assert.equal(typeof judge(quote.slice(0, length), collateral, good.now), 'string', `${length} bytes`);
  }
  const followed = quote.slice(0, good.quoteLength + 1);
  assert.equal(typeof judge(followed, collateral, good.now), 'object');
  followed[good.quoteLength] = 1;
  assert.match(judge(followed, collateral, good.now), /something follows/);
});

test('collateral that was changed, is of another platform, or of another time is refused', () => {
  const parts = JSON.parse(collateral);
  const other = readFileSync(join(folder, quotes.find(({ fmspc, kind }) => kind === 'tdx-quote' && fmspc !== good.fmspc).collateral), 'utf8');
  const changed = change => JSON.stringify({ ...parts, ...change });
  assert.match(judge(quote, changed({ tcb_info: parts.tcb_info.replace('"UpToDate"', '"UpToDatE"') }), good.now), /not what was signed/);
  assert.match(judge(quote, changed({ qe_identity: `${parts.qe_identity} ` }), good.now), /not what was signed/);
  assert.match(judge(quote, changed({ tcb_info_issuer_chain: new TextDecoder().decode(quote).match(/-----BEGIN[^\0]+/)[0] }), good.now), /must have 2/);
  assert.match(judge(quote, changed({ pck_crl: parts.root_ca_crl }), good.now), /not signed by its issuer/);
  assert.match(judge(quote, changed({ root_ca_crl: parts.pck_crl }), good.now), /not signed by its issuer/);
  assert.match(judge(quote, changed({ pck_crl: undefined }), good.now), /pck_crl/);
  assert.equal(typeof judge(quote, other, good.now), 'string');
  assert.match(judge(quote, collateral, good.now + 40 * 86_400), /not valid now|not of this time/);
  assert.match(judge(quote, collateral, good.now - 40 * 86_400), /not of this time/);
  assert.match(judge(quote, collateral, good.now, { ...policy, minimumEvaluationNumber: 99 }), /older evaluation/);
  assert.match(judge(quote, collateral, good.now, { ...policy, maximumCollateralAgeSeconds: 60 }), /too old/);
  assert.match(judge(quote, 'nothing', good.now), /cannot be read/);
});

test('another root than the one that is pinned is not trusted', () => {
  const signer = JSON.parse(collateral).tcb_info_issuer_chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/)[0];
  assert.match(judge(quote, collateral, good.now, { ...policy, root: signer }), /root "Intel SGX Root CA" is not trusted/);
  const root = readFileSync(join(folder, 'roots/intel_sgx_root_ca.pem'), 'utf8');
  assert.equal(judge(quote, collateral, good.now, { ...policy, root }).development, false);
  assert.equal(INTEL_ROOT.length, 64);
});

test('a measurement is trusted when every register that is named is equal, and one must be named', () => {
  const { mrtd, rtmr3 } = judge(quote, collateral, good.now);
  const measured = (...measurements) => judge(quote, collateral, good.now, { measurements });
  assert.equal(measured({ mrtd: 'ab'.repeat(48) }, { mrtd: mrtd.toUpperCase(), rtmr3 }).mrtd, mrtd);
  assert.match(measured({ mrtd, rtmr3: mrtd }), /measurement is not trusted/);
  assert.match(measured({}), /measurement is not trusted/);
  assert.throws(() => tdx({}), TypeError);
  assert.throws(() => tdx({ measurements: [] }), TypeError);
});
