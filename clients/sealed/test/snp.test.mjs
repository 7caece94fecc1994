// Real reports with the verdicts they must get. NYXOS_SHARED names the folder that has attestation/manifest.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { byKind } from '../dist/index.js';
import { AMD_ROOTS, snp, snpJudge, verifySnpReport } from '../dist/snp.js';

const folder = join(process.env.NYXOS_SHARED ?? '../../../shared', 'attestation');
const { vectors } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const reports = vectors.filter(({ kind }) => kind === 'snp-report');
const read = file => new Uint8Array(readFileSync(join(folder, file)));
const hex = bytes => Buffer.from(bytes).toString('hex');
const endorsements = ({ endorsementKey, ask, ark }, change = {}) => JSON.stringify({ endorsement_key: hex(read(endorsementKey)), authority: hex(read(ask)), root: hex(read(ark)), ...change });
const policy = { anyMeasurement: true };

function judge(report, collateral, at, rules = policy) {
  try {
    return verifySnpReport(report, collateral, rules, new Date(at * 1000));
  } catch (e) {
    assert.equal(e.code, 'evidence_refused', e.stack);
    return e.message;
  }
}

/** The name of the check that refused. */
const reason = verdict => /: (snp\.[a-z.-]+): /.exec(verdict)?.[1];

test('every recorded report gets its verdict under the strict policy', () => {
  assert.ok(reports.length >= 9);
  const expected = { 'snp2-milan-google-debug': 'snp.guest.debug', 'snp2-milan-aws-vlek-vmpl1': 'snp.key.kind', 'snp3-milan-aws-vlek-vmpl1': 'snp.key.kind' };
  for (const vector of reports) {
    const verdict = judge(read(vector.report), endorsements(vector), vector.now);
    assert.equal(typeof verdict === 'object', vector.expected.startsWith('ACCEPT'), `${vector.id}: ${JSON.stringify(verdict)}`);
    if (typeof verdict === 'object') {
      assert.deepEqual([verdict.product, verdict.keyKind, verdict.development], [vector.product, vector.keyKind, false], vector.id);
    } else {
      assert.equal(reason(verdict), expected[vector.id], `${vector.id}: ${verdict}`);
    }
  }
});

test('a cloud\'s key and another privilege level are taken where the policy takes both', () => {
  for (const vector of reports.filter(({ keyKind }) => keyKind === 'vlek')) {
    const taking = rules => judge(read(vector.report), endorsements(vector), vector.now, { ...policy, ...rules });
    assert.equal(reason(taking({ keyKinds: ['vcek', 'vlek'] })), 'snp.guest.vmpl');
    assert.equal(reason(taking({ vmpls: [1] })), 'snp.key.kind');
    assert.equal(taking({ keyKinds: ['vlek'], vmpls: [0, 1] }).keyKind, 'vlek');
  }
});

const good = reports.find(({ id }) => id === 'snp3-milan-dstack-2026');
const report = read(good.report);
const genuine = endorsements(good);

test('a bit that is flipped anywhere in the report refuses it', () => {
  for (let at = 0; at < report.length; at += 5) {
    const changed = report.slice();
    changed[at] ^= 1 << at % 8;
    assert.equal(typeof judge(changed, genuine, good.now), 'string', `byte ${at}`);
  }
});

test('a report of another length, or turned around, is refused', () => {
  for (const length of [0, 4, 671, 672, 1183, 1185, 2368]) {
    const other = new Uint8Array(length);
    other.set(report.subarray(0, length));
    assert.equal(reason(judge(other, genuine, good.now)), 'snp.report.layout');
  }
  const turned = report.slice();
  turned.set(report.slice(0x2a0, 0x2d0).reverse(), 0x2a0);
  assert.equal(reason(judge(turned, genuine, good.now)), 'snp.report.signature');
  const unsigned = report.slice().fill(0, 0x2a0, 0x330);
  assert.equal(reason(judge(unsigned, genuine, good.now)), 'snp.report.signature');
});

test('certificates that were changed, are of others, or are not valid are refused', () => {
  const other = reports.find(({ id }) => id === 'snp2-milan-automata');
  const genoa = reports.find(({ product }) => product === 'genoa');
  const vlek = reports.find(({ keyKind }) => keyKind === 'vlek');
  const turin = vectors.find(({ id }) => id === 'turin-vcek-only');
  const certificate = file => hex(read(file));
  const swapped = change => reason(judge(report, endorsements(good, change), good.now));
  assert.equal(swapped({ endorsement_key: certificate(other.endorsementKey) }), 'snp.report.signature');
  assert.equal(swapped({ endorsement_key: certificate(good.ask) }), 'snp.chain');
  assert.equal(swapped({ endorsement_key: certificate(turin.endorsementKey) }), 'snp.report.signature');
  assert.equal(swapped({ authority: certificate(vlek.ask) }), 'snp.chain');
  assert.equal(swapped({ authority: certificate(genoa.ask), root: certificate(genoa.ark) }), 'snp.chain');
  assert.equal(swapped({ root: certificate(genoa.ark) }), 'snp.chain');
  assert.equal(reason(judge(report, genuine, Date.parse('2020-10-01') / 1000)), 'snp.chain.validity');
  assert.equal(reason(judge(report, genuine, Date.parse('2034-01-01') / 1000)), 'snp.chain.validity');
  for (const name of ['endorsement_key', 'authority', 'root']) {
    const der = Buffer.from(JSON.parse(genuine)[name], 'hex');
    for (let at = 8; at < der.length; at += 61) {
      const changed = Buffer.from(der);
      changed[at] ^= 1;
      assert.equal(typeof judge(report, endorsements(good, { [name]: hex(changed) }), good.now), 'string', `${name}, byte ${at}`);
    }
    assert.match(judge(report, endorsements(good, { [name]: `${hex(der)}00` }), good.now), /followed by other bytes/);
    assert.match(judge(report, endorsements(good, { [name]: undefined }), good.now), /hexadecimal|cannot be read/);
  }
  assert.match(judge(report, 'nothing', good.now), /cannot be read/);
  assert.equal(swapped({ revocation_list: JSON.parse(genuine).root }), undefined);
  assert.equal(reason(judge(report, genuine, good.now, { ...policy, requireRevocationList: true })), 'snp.chain.crl');
});

test('another root than AMD\'s, or than the one that is pinned, is not trusted', () => {
  const pem = file => `-----BEGIN CERTIFICATE-----\n${Buffer.from(read(file)).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  assert.equal(judge(report, genuine, good.now, { ...policy, root: pem(good.ark) }).development, false);
  assert.equal(reason(judge(report, genuine, good.now, { ...policy, root: pem(reports.find(({ product }) => product === 'genoa').ark) })), 'snp.chain.root');
  assert.deepEqual(Object.values(AMD_ROOTS).map(root => root.length), [64, 64, 64]);
});

test('least versions are held to one by one, for the products that are named', () => {
  const { tcb } = judge(report, genuine, good.now);
  const least = minimumTcb => reason(judge(report, genuine, good.now, { ...policy, minimumTcb }));
  assert.equal(least({ milan: tcb }), undefined);
  for (const name of ['bootLoader', 'tee', 'snp', 'microcode']) {
    assert.equal(least({ milan: { [name]: tcb[name] + 1 } }), 'snp.tcb.minimum');
  }
  assert.equal(least({ genoa: {} }), 'snp.tcb.minimum');
  const provisional = reports.find(({ id }) => id === 'snp3-milan-aws-vlek-vmpl1');
  assert.equal(reason(judge(read(provisional.report), endorsements(provisional), provisional.now, { ...policy, keyKinds: ['vlek'], vmpls: [1], committedFirmware: true })), 'snp.tcb.committed');
});

test('a measurement is trusted when it is equal, and one must be named', () => {
  const { measurement } = judge(report, genuine, good.now);
  assert.equal(judge(report, genuine, good.now, { measurements: ['ab'.repeat(48), measurement.toUpperCase()] }).measurement, measurement);
  assert.equal(reason(judge(report, genuine, good.now, { measurements: ['ab'.repeat(48)] })), 'snp.policy.measurement');
  assert.throws(() => snp({}), TypeError);
  assert.throws(() => snp({ measurements: [] }), TypeError);
});

test('a node is trusted by its report only when that binds its keys, and each kind by its own judge', () => {
  const { reportData } = judge(report, genuine, good.now);
  const offer = { kind: 'snp', quote: report, collateral: genuine, reportData };
  const at = new Date(good.now * 1000);
  const decide = byKind({ snp: snpJudge(policy) });
  assert.match(decide(offer, at).how, /genuine AMD SEV-SNP report \(Milan, VCEK\) with any measurement/);
  const other = reportData.slice();
  other[63] ^= 1;
  assert.throws(() => decide({ ...offer, reportData: other }, at), /snp\.policy\.report-data/);
  assert.throws(() => decide({ ...offer, kind: 'tdx' }, at), e => e.code === 'evidence_refused' && /of kind tdx; judged are snp/.test(e.message));
  assert.throws(() => snpJudge(policy)({ ...offer, kind: 'tdx' }, at), /only snp is verified here/);
});
