import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { type Bytes, concat, equal, fromHex, hex } from './bytes.js';
import { type Der, inside, integer, only } from './der.js';
import type { NodeOffer, Trust, Trusted } from './trust.js';
import { commonName, DEVELOPMENT, fingerprint, judging, type Parts, partsOf, type Require, requiring, revocationList } from './x509.js';

/** SHA-256 of Intel's root certificate. */
export const INTEL_ROOT = '44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3';
const INTEL_QE_VENDOR = '939a7233f79c4ca9940a0db3957f0607';
const P256_SPKI = '301306072a8648ce3d020106082a8648ce3d030107';
const ECDSA_SHA256 = '300a06082a8648ce3d040302';
const SGX_EXTENSION = '2a864886f84d010d01';

/** Registers of a TD, 48 bytes in hexadecimal. Those that are named must be equal. */
export interface TdxMeasurement {
  mrtd?: string;
  rtmr0?: string;
  rtmr1?: string;
  rtmr2?: string;
  rtmr3?: string;
}

/** What a quote must be. */
export interface TdxPolicy {
  /** The TD must have one of these. */
  measurements?: TdxMeasurement[];
  /** Take any measurement: then whoever owns a TDX machine can run what they like in it. */
  anyMeasurement?: boolean;
  /** The root that is trusted in place of Intel's, PEM. A development root protects nothing, and is taken only because it stands here. */
  root?: string;
  /** The least tcbEvaluationDataNumber of the collateral. */
  minimumEvaluationNumber?: number;
  /** How old TCB info and QE identity may be, in seconds (30 days when not given). */
  maximumCollateralAgeSeconds?: number;
}

/** What an accepted quote says. */
export interface TdxReport {
  mrtd: string;
  rtmr0: string;
  rtmr1: string;
  rtmr2: string;
  rtmr3: string;
  reportData: Bytes;
  /** The root is not Intel's. */
  development: boolean;
}

const require: Require = requiring('TDX');

/** Trusts nodes whose TDX quote this machine verifies by itself. Other kinds of evidence are refused. */
export function tdx(policy: TdxPolicy): Trust {
  const judge = tdxJudge(policy);
  return offer => judge(offer, new Date());
}

/** Judges evidence as {@link tdx} does, at any time: for proofs. */
export function tdxJudge(policy: TdxPolicy): (offer: NodeOffer, at: Date) => Trusted {
  if (!policy.anyMeasurement && !(policy.measurements?.length)) {
    throw new TypeError('tdx() needs the measurements that are trusted, or anyMeasurement: true');
  }
  return (offer, at) => {
    require(offer.kind === 'tdx', `it is of kind ${offer.kind}, only tdx is verified here`);
    const report = verifyTdxQuote(offer.quote, offer.collateral, policy, at);
    require(equal(report.reportData, offer.reportData), 'it does not bind these keys');
    const what = policy.anyMeasurement ? 'any measurement' : 'a trusted measurement';
    return {
      development: report.development, measurement: report.mrtd,
      how: report.development ? `a DEVELOPMENT TEE (no hardware) with ${what}` : `a genuine, up-to-date Intel TDX quote with ${what} that binds its keys`,
    };
  };
}

/**
 * Verifies a quote of version 4 or 5 with its collateral, all the way to the root; throws {@link SealedError} `evidence_refused` when anything does not hold.
 * Strict: every TCB status must be UpToDate. README.md says what is verified and what is not.
 */
export function verifyTdxQuote(quote: Uint8Array, collateralJson: string, policy: TdxPolicy, now: Date): TdxReport {
  return judging('TDX', () => judge(quote, JSON.parse(collateralJson), policy, now.getTime()));
}

function judge(bytes: Uint8Array, collateral: any, policy: TdxPolicy, now: number): TdxReport {
  const quote = parse(bytes);
  const pin = policy.root === undefined ? INTEL_ROOT : fingerprint(new X509Certificate(policy.root));
  const pck = chain(quote.certificates, 3, pin, now);
  const development = pin !== INTEL_ROOT;
  const prefix = commonName(pck[2]).startsWith(DEVELOPMENT) ? DEVELOPMENT : 'Intel SGX ';
  require(commonName(pck[0]) === `${prefix}PCK Certificate` && [`${prefix}PCK Platform CA`, `${prefix}PCK Processor CA`].includes(commonName(pck[1])), 'the PCK chain has other roles');

  require(signed(pointKey(quote.attestationKey), quote.signedBytes, quote.signature), 'the attestation key did not sign it');
  require(signed(pck[0].publicKey, quote.qeReport, quote.qeSignature), 'the PCK key did not sign the QE report');
  const bound = concat(createHash('sha256').update(quote.attestationKey).update(quote.authData).digest(), new Uint8Array(32));
  require(equal(quote.qeReport.subarray(320, 384), bound), 'the QE report does not bind the attestation key');

  const signers = [[collateral.tcb_info, collateral.tcb_info_signature, collateral.tcb_info_issuer_chain], [collateral.qe_identity, collateral.qe_identity_signature, collateral.qe_identity_issuer_chain]]
    .map(([text, signature, issuers]) => {
      const signer = chain(pem(issuers), 2, pin, now);
      require(commonName(signer[0]) === `${prefix}TCB Signing`, 'the collateral is signed by somebody else');
      require(signed(signer[0].publicKey, Buffer.from(text, 'utf8'), fromHex(signature, 'a signature', 64)), 'the collateral is not what was signed');
      return signer[0];
    });
  notRevoked(fromHex(collateral.root_ca_crl, 'root_ca_crl'), pck[2], [pck[1], ...signers], now);
  notRevoked(fromHex(collateral.pck_crl, 'pck_crl'), pck[1], [pck[0]], now);

  const tcbInfo = JSON.parse(collateral.tcb_info);
  const identity = JSON.parse(collateral.qe_identity);
  require(tcbInfo.id === 'TDX' && tcbInfo.version === 3 && tcbInfo.tcbType === 0 && identity.id === 'TD_QE' && identity.version === 2, 'the collateral is of another kind');
  for (const each of [tcbInfo, identity]) {
    const issued = Date.parse(each.issueDate);
    require(issued <= now && now <= Date.parse(each.nextUpdate), 'the collateral is not of this time');
    require(now - issued <= (policy.maximumCollateralAgeSeconds ?? 30 * 86_400) * 1000, 'the collateral is too old');
    require(each.tcbEvaluationDataNumber === tcbInfo.tcbEvaluationDataNumber && each.tcbEvaluationDataNumber >= (policy.minimumEvaluationNumber ?? 0), 'the collateral is of an older evaluation');
  }
  const platform = pckExtension(pck[0]);
  require(tcbInfo.fmspc.toLowerCase() === platform.fmspc && tcbInfo.pceId.toLowerCase() === platform.pceId, 'the collateral is of another platform');
  quotingEnclave(quote.qeReport, identity);
  trustDomain(quote.body, tcbInfo, platform);
  return measured(quote.body, policy, development);
}

// --- the quote -------------------------------------------------------------------------------------------------------

interface Quote {
  body: Uint8Array;
  signedBytes: Uint8Array;
  signature: Uint8Array;
  attestationKey: Uint8Array;
  qeReport: Uint8Array;
  qeSignature: Uint8Array;
  authData: Uint8Array;
  certificates: X509Certificate[];
}

function parse(bytes: Uint8Array): Quote {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let end = bytes.length;
  const take = (length: number): Uint8Array => {
    require(length <= end - at, 'the quote ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const u16 = () => { take(2); return view.getUint16(at - 2, true); };
  const u32 = () => { take(4); return view.getUint32(at - 4, true); };
  const version = u16();
  require((version === 4 || version === 5) && u16() === 2 && u32() === 0x81, 'it is no TDX quote of version 4 or 5 with an ECDSA P-256 key');
  take(4);
  require(hex(take(16)) === INTEL_QE_VENDOR, 'its quoting enclave is not Intel\'s');
  take(20);
  let size = 584;
  if (version === 5) {
    const type = u16();
    size = type === 2 ? 584 : 648;
    require((type === 2 || type === 3) && u32() === size, 'its body is of no known type');
  }
  const body = take(size);
  const signedBytes = bytes.subarray(0, at);
  const signatureLength = u32();
  require(signatureLength <= end - at, 'the quote ends too early');
  end = at + signatureLength;
  const signature = take(64);
  const attestationKey = take(64);
  require(u16() === 6 && u32() === end - at, 'its certification data is of no known form');
  const qeReport = take(384);
  const qeSignature = take(64);
  const authData = take(u16());
  require(u16() === 5 && u32() === end - at, 'its certification data is no PEM chain');
  const certificates = pem(Buffer.from(take(end - at)).toString('latin1').replace(/\0$/, ''));
  require(bytes.subarray(end).every(byte => byte === 0), 'something follows the quote');
  return { body, signedBytes, signature, attestationKey, qeReport, qeSignature, authData, certificates };
}

// --- signatures and certificates --------------------------------------------------------------------------------------

function signed(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The key of a point X ‖ Y, which must lie on P-256. */
function pointKey(point: Uint8Array): KeyObject {
  const part = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: part(0), y: part(32) } });
}

function pem(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  require(blocks.join('').length > 0 && text.replace(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g, '').trim() === '', 'the certificates are not in PEM');
  return blocks.map(block => new X509Certificate(block));
}

/** The parts of a certificate of Intel's form. */
function tbs(certificate: X509Certificate): Parts {
  const parts = partsOf(certificate);
  require(parts.version === 2 && parts.algorithms.every(each => hex(each.raw) === ECDSA_SHA256), 'a certificate is not X.509 v3 signed with ECDSA and SHA-256');
  require(hex(inside(parts.publicKey, 0x30)[0].raw) === P256_SPKI, 'a certificate\'s key is not on P-256');
  return parts;
}

/** Checks that certificates are a chain of this length to the root that is pinned, all valid now. */
function chain(certificates: X509Certificate[], length: number, pin: string, now: number): X509Certificate[] {
  require(certificates.length === length, `a chain has ${certificates.length} certificates, must have ${length}`);
  require(fingerprint(certificates[length - 1]) === pin, `the root "${commonName(certificates[length - 1])}" is not trusted`);
  certificates.forEach((certificate, i) => {
    const issuer = certificates[Math.min(i + 1, length - 1)];
    require(equal(tbs(certificate).issuer, tbs(issuer).subject) && certificate.verify(issuer.publicKey), `${commonName(certificate)} was not issued by the next certificate`);
    require(certificate.ca === (i > 0), `${commonName(certificate)} plays a part that it has not`);
    require(Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo), `${commonName(certificate)} is not valid now`);
  });
  return certificates;
}

/** Checks a revocation list, and that none of the certificates is on it. */
function notRevoked(crl: Uint8Array, issuer: X509Certificate, certificates: X509Certificate[], now: number): void {
  const list = revocationList(crl);
  require(list.algorithms.every(each => hex(each.raw) === ECDSA_SHA256)
    && verify('sha256', list.signedBytes, { key: issuer.publicKey, dsaEncoding: 'der' }, list.signature), 'a revocation list is not signed by its issuer');
  require(equal(list.issuer, tbs(issuer).subject), 'a revocation list is of somebody else');
  require(list.thisUpdate <= now && now <= list.nextUpdate, 'a revocation list is not of this time');
  for (const certificate of certificates) {
    require(!list.serials.has(tbs(certificate).serial), `${commonName(certificate)} is revoked`);
  }
}

interface Platform {
  cpuSvn: Uint8Array;
  pceSvn: number;
  pceId: string;
  fmspc: string;
}

/** Intel's SGX extension of a PCK certificate, OID 1.2.840.113741.1.13.1. */
function pckExtension(pck: X509Certificate): Platform {
  const found = tbs(pck).extensions.map(extension => inside(extension, 0x30)).filter(parts => hex(parts[0].value) === SGX_EXTENSION);
  require(found.length === 1, 'the PCK certificate has no SGX extension, or several');
  const members = (sequence: Der): Map<string, Der> => {
    const pairs = inside(sequence, 0x30).map(pair => inside(pair, 0x30));
    const map = new Map(pairs.map(([oid, value]) => [hex(oid.value), value]));
    require(map.size === pairs.length && pairs.every(pair => pair.length === 2), 'the SGX extension has a member twice');
    return map;
  };
  const octets = (value: Der | undefined, length: number): Uint8Array => {
    require(value?.tag === 0x04 && value.value.length === length, 'the SGX extension lacks a member');
    return value.value;
  };
  const extension = members(only(found[0][found[0].length - 1].value));
  const tcb = members(extension.get(`${SGX_EXTENSION}02`) ?? { tag: 0, value: new Uint8Array(), raw: new Uint8Array() });
  const component = (number: number) => integer(tcb.get(`${SGX_EXTENSION}02${number.toString(16).padStart(2, '0')}`));
  const cpuSvn = octets(tcb.get(`${SGX_EXTENSION}0212`), 16);
  require(cpuSvn.every((svn, i) => svn === component(i + 1)), 'the SGX extension contradicts itself');
  return {
    cpuSvn, pceSvn: component(17), pceId: hex(octets(extension.get(`${SGX_EXTENSION}03`), 2)), fmspc: hex(octets(extension.get(`${SGX_EXTENSION}04`), 6)),
  };
}

// --- TCB ---------------------------------------------------------------------------------------------------------------

const masked = (value: Uint8Array, mask: Uint8Array): Bytes => Uint8Array.from(value, (byte, i) => byte & mask[i]);

function svnLevel(levels: any[], svn: number, what: string): void {
  const reached = [...levels].sort((a, b) => b.tcb.isvsvn - a.tcb.isvsvn).find(level => svn >= level.tcb.isvsvn);
  require(reached?.tcbStatus === 'UpToDate', `the ${what} is ${reached?.tcbStatus ?? 'below every published level'}`);
}

function quotingEnclave(report: Uint8Array, identity: any): void {
  const view = new DataView(report.buffer, report.byteOffset);
  const misc = report.subarray(16, 20);
  require(equal(masked(misc, fromHex(identity.miscselectMask, 'miscselectMask', 4)), fromHex(identity.miscselect, 'miscselect', 4)), 'the quoting enclave has another MISCSELECT');
  require(equal(masked(report.subarray(48, 64), fromHex(identity.attributesMask, 'attributesMask', 16)), fromHex(identity.attributes, 'attributes', 16)), 'the quoting enclave has other attributes');
  require(equal(report.subarray(128, 160), fromHex(identity.mrsigner, 'mrsigner', 32)) && view.getUint16(256, true) === identity.isvprodid, 'the quoting enclave is another');
  svnLevel(identity.tcbLevels, view.getUint16(258, true), 'quoting enclave');
}

function trustDomain(body: Uint8Array, tcbInfo: any, platform: Platform): void {
  const view = new DataView(body.buffer, body.byteOffset);
  const attributes = view.getBigUint64(120, true);
  require((attributes & 1n) === 0n, 'it is a debug TD: its host reads its memory');
  // SEPT_VE_DISABLE must be set; besides, only protection keys, key locker and performance monitoring may be.
  require((attributes & (1n << 28n)) !== 0n && (attributes & ~((1n << 28n) | (1n << 30n) | (1n << 31n) | (1n << 63n))) === 0n, `TDATTRIBUTES 0x${attributes.toString(16)} are not safe`);
  const xfam = view.getBigUint64(128, true);
  require((xfam & 3n) === 3n && (xfam & ~0x6dbe7n) === 0n, `XFAM 0x${xfam.toString(16)} is not possible`);
  const updated = body.length === 648;
  require(!updated || body.subarray(600, 648).every(byte => byte === 0), 'a service TD is bound');
  for (const svn of updated ? [body.subarray(0, 16), body.subarray(584, 600)] : [body.subarray(0, 16)]) {
    module(body, svn, tcbInfo);
    platformLevel(svn, tcbInfo, platform);
  }
}

function module(body: Uint8Array, svn: Uint8Array, tcbInfo: any): void {
  const id = `TDX_${svn[1].toString(16).padStart(2, '0')}`.toUpperCase();
  const identities = (tcbInfo.tdxModuleIdentities ?? []).filter((each: any) => each.id.toUpperCase() === id);
  const identity = svn[1] === 0 ? tcbInfo.tdxModule : identities[0];
  require(identity !== undefined && identities.length <= 1, `there is no module identity ${id}`);
  const seam = body.subarray(112, 120);
  require(equal(body.subarray(64, 112), fromHex(identity.mrsigner, 'mrsigner', 48)) && seam.every(byte => byte === 0)
    && equal(masked(seam, fromHex(identity.attributesMask, 'attributesMask', 8)), fromHex(identity.attributes, 'attributes', 8)), 'the TDX module is another');
  if (svn[1] > 0) {
    svnLevel(identity.tcbLevels, svn[0], 'TDX module');
  }
}

function platformLevel(svn: Uint8Array, tcbInfo: any, platform: Platform): void {
  const components = (list: any): number[] => {
    require(Array.isArray(list) && list.length === 16 && list.every(each => Number.isInteger(each.svn)), 'a TCB level has not 16 components');
    return list.map((each: any) => each.svn);
  };
  const levels: { sgx: number[]; pce: number; tdx: number[]; status: string }[] = tcbInfo.tcbLevels.map((level: any) => ({
    sgx: components(level.tcb.sgxtcbcomponents), pce: level.tcb.pcesvn, tdx: components(level.tcb.tdxtcbcomponents), status: level.tcbStatus,
  }));
  const compare = (a: number[], b: number[]) => a.reduce((found, value, i) => found || value - b[i], 0);
  levels.sort((a, b) => compare(b.sgx, a.sgx) || b.pce - a.pce || compare(b.tdx, a.tdx));
  // The first two TDX components are the module's version, which has an identity of its own from version 1 on.
  const first = svn[1] > 0 ? 2 : 0;
  const reached = levels.find(level => level.sgx.every((least, i) => platform.cpuSvn[i] >= least) && platform.pceSvn >= level.pce
    && level.tdx.every((least, i) => i < first || svn[i] >= least));
  require(reached?.status === 'UpToDate', `the platform is ${reached?.status ?? 'below every published level'}`);
}

function measured(body: Uint8Array, policy: TdxPolicy, development: boolean): TdxReport {
  const register = (at: number) => hex(body.subarray(at, at + 48));
  const report = {
    mrtd: register(136), rtmr0: register(328), rtmr1: register(376), rtmr2: register(424), rtmr3: register(472), reportData: new Uint8Array(body.subarray(520, 584)), development,
  };
  const satisfied = (wanted: TdxMeasurement) => {
    const named = Object.entries(wanted) as [keyof TdxMeasurement, string][];
    return named.length > 0 && named.every(([name, value]) => report[name] === value.toLowerCase());
  };
  require(policy.anyMeasurement === true || (policy.measurements ?? []).some(satisfied), `its measurement is not trusted: MRTD ${report.mrtd}, RTMR3 ${report.rtmr3}`);
  return report;
}
