import { constants, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { type Bytes, concat, equal, fromHex, hex } from './bytes.js';
import { type Der, inside, integer, only } from './der.js';
import type { NodeOffer, Trust, Trusted } from './trust.js';
import { commonName, DEVELOPMENT, fingerprint, judging, partsOf, type Require, requiring, revocationList } from './x509.js';

/** A processor line with roots of its own. */
export type Product = 'milan' | 'genoa' | 'turin';

/** SHA-256 of AMD's root certificates (ARK). */
export const AMD_ROOTS: Record<Product, string> = {
  milan: '69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd',
  genoa: '4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1',
  turin: '1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a',
};
const LABELS: Record<Product, string> = { milan: 'Milan', genoa: 'Genoa', turin: 'Turin' };

/** Whose key signs reports: the chip's own, or one that AMD gave to a cloud for its chips. */
export type KeyKind = 'vcek' | 'vlek';

/** Security versions of a platform's firmware, 0 to 255 each; compared one by one. */
export interface TcbVersion {
  /** Turin only; 0 elsewhere. */
  fmc: number;
  bootLoader: number;
  tee: number;
  snp: number;
  microcode: number;
}

/** What a report must be. Debug guests, guests that may migrate and guests with CXL memory are never taken. */
export interface SnpPolicy {
  /** The guest must have one of these launch measurements: 48 bytes in hexadecimal. */
  measurements?: string[];
  /** Take any measurement: then whoever owns an SEV-SNP machine can run what they like in it. */
  anyMeasurement?: boolean;
  /** The root that is trusted in place of AMD's, PEM. A development root protects nothing, and is taken only because it stands here. */
  root?: string;
  /** Whose keys may sign (the chip's own when not given): a VLEK does not say which chip it was. */
  keyKinds?: KeyKind[];
  /** The privilege levels that may ask for reports, 0 to 3 (0 when not given). */
  vmpls?: number[];
  /** The least reported security versions by product; where there are any, a product without one is refused. AMD publishes no TCB status: what is too old is for you to say. */
  minimumTcb?: Partial<Record<Product, Partial<TcbVersion>>>;
  /** Refuse firmware that the host can still roll back (taken when not given). */
  committedFirmware?: boolean;
  /** Refuse where AMD's revocation list is not given (taken when not given); a given one is always heeded. */
  requireRevocationList?: boolean;
}

/** What an accepted report says. */
export interface SnpReport {
  /** Launch measurement, 48 bytes in hexadecimal. */
  measurement: string;
  reportData: Bytes;
  product: Product;
  keyKind: KeyKind;
  /** What the key was derived for. */
  tcb: TcbVersion;
  /** The root is not AMD's. */
  development: boolean;
}

const LENGTH = 0x4a0;
const SIGNED = 0x2a0;
const SCALAR = 48;
const SCALAR_FIELD = 72;
// 1.3.6.1.4.1.3704.1
const ARC = '2b060104019c7801';
const KNOWN = new Set(['01', '02', '04', '05', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(number => `030${number}`)]);
const KEY_USAGE = '551d0f';
const CERT_SIGN = 0x04;
// Those that are checked here: basicConstraints by Node, keyUsage below.
const CRITICAL = new Set(['551d13', KEY_USAGE]);
const RSASSA_PSS = '2a864886f70d01010a';
const MGF1 = '2a864886f70d010108';
const SHA384 = '608648016503040202';
const P384 = 'secp384r1';

// Reasons begin with the name that the check has in the Java verifier's verdict.
const require: Require = requiring('SEV-SNP');

/** Trusts nodes whose SEV-SNP report this machine verifies by itself. Other kinds of evidence are refused. */
export function snp(policy: SnpPolicy): Trust {
  const judge = snpJudge(policy);
  return offer => judge(offer, new Date());
}

/** Judges evidence as {@link snp} does, at any time: for proofs. */
export function snpJudge(policy: SnpPolicy): (offer: NodeOffer, at: Date) => Trusted {
  if (!policy.anyMeasurement && !(policy.measurements?.length)) {
    throw new TypeError('snp() needs the measurements that are trusted, or anyMeasurement: true');
  }
  return (offer, at) => {
    require(offer.kind === 'snp', `it is of kind ${offer.kind}, only snp is verified here`);
    const report = verifySnpReport(offer.quote, offer.collateral, policy, at);
    require(equal(report.reportData, offer.reportData), 'snp.policy.report-data: it does not bind these keys');
    const what = policy.anyMeasurement ? 'any measurement' : 'a trusted measurement';
    return {
      development: report.development, measurement: report.measurement,
      how: report.development ? `a DEVELOPMENT TEE (no hardware) with ${what}`
        : `a genuine AMD SEV-SNP report (${LABELS[report.product]}, ${report.keyKind.toUpperCase()}) with ${what} that binds its keys`,
    };
  };
}

/**
 * Verifies a report of version 2 to 5 with its certificates, all the way to the root; throws {@link SealedError} `evidence_refused` when anything does not hold.
 *
 * @param collateralJson `{endorsement_key, authority, root, revocation_list?}`, DER in hexadecimal
 */
export function verifySnpReport(report: Uint8Array, collateralJson: string, policy: SnpPolicy, now: Date): SnpReport {
  return judging('SEV-SNP', () => judge(report, JSON.parse(collateralJson), policy, now.getTime()));
}

// In the order of the Java verifier's checks: what is wrong in several ways gets the same reason first.
function judge(bytes: Uint8Array, collateral: any, policy: SnpPolicy, now: number): SnpReport {
  const [key, authority, root] = ['endorsement_key', 'authority', 'root'].map(name => certificateOf(collateral[name], name));
  const pin = policy.root === undefined ? undefined : fingerprint(new X509Certificate(policy.root));
  form(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  require(key.publicKey.asymmetricKeyDetails?.namedCurve !== P384 || signedBy(key.publicKey, bytes), 'snp.report.signature: the endorsement key did not sign this report');
  chain(key, authority, root);
  const product = rooted(root, pin);
  const prefix = commonName(root).startsWith(DEVELOPMENT) ? DEVELOPMENT : '';
  const kind = roles(key, authority, prefix, product);
  for (const certificate of [key, authority, root]) {
    require(Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo), `snp.chain.validity: ${commonName(certificate)} is not valid now`);
  }
  if (collateral.revocation_list === undefined) {
    require(policy.requireRevocationList !== true, 'snp.chain.crl: AMD\'s revocation list is required, and none is given');
  } else {
    notRevoked(fromHex(collateral.revocation_list, 'revocation_list'), root, authority, now);
  }
  processor(view, product);
  const endorsed = extensions(key, product);
  keyKind(view, endorsed.kind, kind, policy.keyKinds ?? ['vcek']);
  const tcb = versions(view, product);
  require(tcb === undefined || same(endorsed.tcb, tcb.reported), `snp.key.tcb: the key is of ${words(endorsed.tcb)}, the report says otherwise`);
  chip(bytes.subarray(0x1a0, 0x1e0), endorsed.hardwareId);
  require(tcb !== undefined, `snp.tcb.order: a TCB version has bytes set that are zero on ${LABELS[product]}`);
  order(view, tcb, policy, product);
  guest(view, policy);
  const authorKey = (view.getUint32(0x48, true) & 1) === 1;
  require(authorKey !== zero(bytes, 0x110, 0x140), `snp.id-block.author-key: the report ${authorKey ? 'says that there is an author key, and names none' : 'names an author key, and says that there is none'}`);
  const measurement = hex(bytes.subarray(0x90, 0xc0));
  require(policy.anyMeasurement === true || (policy.measurements ?? []).some(wanted => wanted.toLowerCase() === measurement), `snp.policy.measurement: its measurement is not trusted: ${measurement}`);
  return { measurement, reportData: new Uint8Array(bytes.subarray(0x50, 0x90)), product, keyKind: kind, tcb: tcb.reported, development: pin !== undefined && pin !== AMD_ROOTS[product] };
}

// --- the report ------------------------------------------------------------------------------------------------------

const zero = (bytes: Uint8Array, from: number, to: number): boolean => bytes.subarray(from, to).every(byte => byte === 0);

function form(bytes: Uint8Array): void {
  require(bytes.length === LENGTH, `snp.report.layout: a report has ${LENGTH} bytes, not ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(0, true);
  require(version >= 2 && version <= 5, `snp.report.version: version ${version} is not known; 2 to 5 are`);
  const s = SIGNED + SCALAR_FIELD;
  // R is followed by zeros up to S, and S by zeros up to the end.
  const areas = [[0x4c, 0x50], [version >= 3 ? 0x18b : 0x188, 0x1a0], [0x1eb, 0x1ec], [0x1ef, 0x1f0], [version >= 5 ? 0x208 : 0x1f8, SIGNED], [SIGNED + SCALAR, s], [s + SCALAR, LENGTH]];
  for (const [from, to] of areas) {
    require(zero(bytes, from, to), `snp.report.reserved: bytes 0x${from.toString(16)} to 0x${(to - 1).toString(16)} must be zero`);
  }
  require(view.getUint32(0x48, true) >>> 5 === 0, 'snp.report.reserved: KEY_INFO has reserved bits');
  require(view.getUint32(0x34, true) === 1, `snp.report.algorithm: signature algorithm ${view.getUint32(0x34, true)} is not 1 (ECDSA P-384 with SHA-384)`);
}

/** R and S are little-endian, 72 bytes each, of which the curve needs 48. */
function signedBy(key: KeyObject, bytes: Uint8Array): boolean {
  const scalar = (at: number) => bytes.slice(at, at + SCALAR).reverse();
  return verify('sha384', bytes.subarray(0, SIGNED), { key, dsaEncoding: 'ieee-p1363' }, concat(scalar(SIGNED), scalar(SIGNED + SCALAR_FIELD)));
}

function processor(view: DataView, product: Product): void {
  if (view.getUint32(0, true) < 3) {
    require(product !== 'turin', 'snp.product: a report of version 2 cannot be Turin\'s');
    return;
  }
  const [family, model] = [view.getUint8(0x188), view.getUint8(0x189)];
  const said = family === 0x19 ? model <= 0x0f ? 'milan' : model <= 0x1f || (model >= 0xa0 && model <= 0xaf) ? 'genoa' : undefined
    : family === 0x1a && model <= 0x11 ? 'turin' : undefined;
  require(said === product, `snp.product: the processor (family 0x${family.toString(16)}, model 0x${model.toString(16)}) is ${said === undefined ? 'not known' : LABELS[said]}, the chain is of ${LABELS[product]}`);
}

function keyKind(view: DataView, certified: KeyKind, issued: KeyKind, accepted: KeyKind[]): void {
  const number = view.getUint32(0x48, true) >>> 2 & 7;
  const said = number === 0 ? 'vcek' : number === 1 ? 'vlek' : undefined;
  require(said !== undefined, `snp.key.kind: ${number === 7 ? 'the report says that it is not signed' : `signing key ${number} is not known`}`);
  require(said === certified && said === issued, `snp.key.kind: the report is signed by a ${said}, the certificate is of a ${certified}, the CA issues such of a ${issued}`);
  require(accepted.includes(said), `snp.key.kind: accepted are ${accepted.join(', ')}, this is a ${said}`);
}

/** @param hardwareId of a VCEK; a VLEK names no chip */
function chip(id: Uint8Array, hardwareId: Uint8Array | undefined): void {
  if (hardwareId === undefined) {
    return;
  }
  require(id.some(byte => byte !== 0), 'snp.key.chip-id: the host masks the chip\'s id, so the key cannot be shown to be this chip\'s');
  require(equal(id, concat(hardwareId, new Uint8Array(id.length - hardwareId.length))), 'snp.key.chip-id: the key is of another chip');
}

interface Versions {
  current: TcbVersion;
  reported: TcbVersion;
  committed: TcbVersion;
  launch: TcbVersion;
}

const COMPONENTS = ['fmc', 'bootLoader', 'tee', 'snp', 'microcode'] as const;
const same = (a: TcbVersion, b: TcbVersion): boolean => COMPONENTS.every(name => a[name] === b[name]);
const atMost = (a: TcbVersion, b: TcbVersion): boolean => COMPONENTS.every(name => a[name] <= b[name]);
const words = (tcb: TcbVersion): string => COMPONENTS.map(name => `${name} ${tcb[name]}`).join(', ');

/** Undefined where a byte is set that must be zero. */
function versions(view: DataView, product: Product): Versions | undefined {
  const turin = product === 'turin';
  const read = (at: number): TcbVersion | undefined => {
    const raw = Array.from({ length: 8 }, (_, i) => view.getUint8(at + i));
    if ((turin ? raw.slice(4, 7) : raw.slice(2, 6)).some(byte => byte !== 0)) {
      return undefined;
    }
    return turin ? { fmc: raw[0], bootLoader: raw[1], tee: raw[2], snp: raw[3], microcode: raw[7] } : { fmc: 0, bootLoader: raw[0], tee: raw[1], snp: raw[6], microcode: raw[7] };
  };
  const [current, reported, committed, launch] = [0x38, 0x180, 0x1e0, 0x1f0].map(read);
  return current && reported && committed && launch && { current, reported, committed, launch };
}

function order(view: DataView, { current, reported, committed, launch }: Versions, policy: SnpPolicy, product: Product): void {
  const mayMigrate = (view.getUint32(8, true) >>> 18 & 1) === 1;
  for (const [name, tcb] of [['reported', reported], ['committed', committed], ...mayMigrate ? [] : [['launch', launch] as const]] as [string, TcbVersion][]) {
    require(atMost(tcb, current), `snp.tcb.order: ${name} (${words(tcb)}) is above current (${words(current)})`);
  }
  const firmware = (at: number) => view.getUint8(at + 2) << 16 | view.getUint8(at + 1) << 8 | view.getUint8(at);
  const provisional = !atMost(current, committed) || firmware(0x1ec) < firmware(0x1e8);
  require(policy.committedFirmware !== true || !provisional, `snp.tcb.committed: what runs (${words(current)}) can be rolled back to ${words(committed)}`);
  if (policy.minimumTcb !== undefined) {
    const floor = policy.minimumTcb[product];
    require(floor !== undefined, `snp.tcb.minimum: least versions are set, and none for ${LABELS[product]}`);
    const low = COMPONENTS.filter(name => reported[name] < (floor[name] ?? 0)).map(name => `${name} ${reported[name]} < ${floor[name]}`);
    require(low.length === 0, `snp.tcb.minimum: reported ${low.join('; ')}`);
  }
  require(firmware(0x1ec) <= firmware(0x1e8), 'snp.firmware.version: committed firmware is above current');
  const platform = view.getBigUint64(0x40, true);
  require((platform & ~0xbfn) === 0n, `snp.platform: PLATFORM_INFO 0x${platform.toString(16)} has reserved bits`);
}

function guest(view: DataView, policy: SnpPolicy): void {
  const guest = view.getBigUint64(8, true);
  const bit = (number: bigint) => (guest >> number & 1n) === 1n;
  require(!bit(19n), 'snp.guest.debug: this is a debug guest: its host reads its memory');
  require(bit(17n) && guest >> 26n === 0n, `snp.guest.policy: guest policy 0x${guest.toString(16)} lacks bit 17 or has a reserved bit`);
  require(!bit(18n), 'snp.guest.migration: it may be bound to a migration agent, which can move it to another machine');
  require(!bit(21n), 'snp.guest.flags: its memory may lie on CXL devices');
  const vmpl = view.getUint32(0x30, true);
  const accepted = policy.vmpls ?? [0];
  require(vmpl !== 0xffffffff, 'snp.guest.vmpl: the host asked for this report: the report data is not the guest\'s');
  require(vmpl <= 3 && accepted.includes(vmpl), `snp.guest.vmpl: VMPL ${vmpl} asked; accepted are ${accepted.join(', ')}`);
}

// --- certificates ----------------------------------------------------------------------------------------------------

/** One certificate and nothing beside it. */
function certificateOf(der: unknown, name: string): X509Certificate {
  const bytes = fromHex(der, name);
  const certificate = new X509Certificate(bytes);
  require(equal(certificate.raw, bytes), `the ${name} is followed by other bytes`);
  return certificate;
}

function chain(key: X509Certificate, authority: X509Certificate, root: X509Certificate): void {
  for (const [certificate, issuer] of [[root, root], [authority, root], [key, authority]]) {
    const name = commonName(certificate);
    const parts = partsOf(certificate);
    require(equal(parts.issuer, partsOf(issuer).subject), `snp.chain: ${name}: its issuer is not ${commonName(issuer)}`);
    const known = extensionsOf(parts.extensions);
    require(parts.version === 2 && [...known].every(([oid, { critical }]) => !critical || CRITICAL.has(oid)), `snp.chain: ${name}: it is not an X.509 v3 certificate, or has a critical extension that is not known here`);
    require(equal(parts.algorithms[0].raw, parts.algorithms[1].raw) && isPssSha384(parts.algorithms[0]), `snp.chain: ${name}: it is not signed with RSASSA-PSS and SHA-384`);
    require(certificate.verify(issuer.publicKey), `snp.chain: ${name}: its signature is not its issuer's`);
    if (certificate === key) {
      require(key.publicKey.asymmetricKeyDetails?.namedCurve === P384, `snp.chain: ${name}: its key is not on P-384`);
      require(!key.ca, `snp.chain: ${name}: it is a CA, and stands where a key must`);
    } else {
      const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
      require(type === 'rsa' && details?.modulusLength === 4096, `snp.chain: ${name}: its key is not RSA of 4096 bits`);
      const usage = known.get(KEY_USAGE);
      require(certificate.ca && usage !== undefined && (only(usage.value).value[1] & CERT_SIGN) !== 0, `snp.chain: ${name}: it may not issue certificates`);
    }
  }
}

/** The product of a root that is trusted: AMD's, or the one that is pinned in their place. */
function rooted(root: X509Certificate, pin: string | undefined): Product {
  const name = commonName(root);
  const print = fingerprint(root);
  const found = (Object.keys(AMD_ROOTS) as Product[]).find(product => pin === undefined || pin === AMD_ROOTS[product] ? AMD_ROOTS[product] === print
    : [`ARK-${LABELS[product]}`, `${DEVELOPMENT}ARK-${LABELS[product]}, not AMD`].includes(name));
  require(found !== undefined && (pin === undefined || pin === print), `snp.chain.root: the root "${name}" is not trusted`);
  return found;
}

/** Each certificate plays its own part. */
function roles(key: X509Certificate, authority: X509Certificate, prefix: string, product: Product): KeyKind {
  const kinds: [KeyKind, string, string][] = [['vcek', 'SEV-VCEK', `SEV-${LABELS[product]}`], ['vlek', 'SEV-VLEK', `SEV-VLEK-${LABELS[product]}`]];
  const found = kinds.find(([, leaf, issuer]) => commonName(key) === prefix + leaf && commonName(authority) === prefix + issuer);
  require(found !== undefined, `snp.chain.roles: "${commonName(key)}" by "${commonName(authority)}" may not endorse a report`);
  return found[0];
}

/** AMD's list has the CAs that are revoked. */
function notRevoked(der: Uint8Array, root: X509Certificate, authority: X509Certificate, now: number): void {
  const list = revocationList(der);
  require(equal(list.issuer, partsOf(root).subject), 'snp.chain.crl: the revocation list is of somebody else');
  require(equal(list.algorithms[0].raw, list.algorithms[1].raw) && isPssSha384(list.algorithms[0])
    && verify('sha384', list.signedBytes, { key: root.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }, list.signature), 'snp.chain.crl: the revocation list is not signed by its issuer');
  require(list.thisUpdate <= now && now <= list.nextUpdate, 'snp.chain.crl: the revocation list is not of this time');
  require(!list.serials.has(partsOf(authority).serial), `snp.chain.crl: ${commonName(authority)} is revoked`);
}

/** RSASSA-PSS with SHA-384, MGF1 with SHA-384, a salt of 48 bytes. */
function isPssSha384(algorithm: Der): boolean {
  const [oid, parameters] = inside(algorithm, 0x30);
  if (hex(oid.value) !== RSASSA_PSS || parameters === undefined) {
    return false;
  }
  const members = new Map(inside(parameters, 0x30).map(each => [each.tag, only(each.value)]));
  const oidOf = (der: Der | undefined) => hex(inside(der, 0x30)[0].value);
  const mask = inside(members.get(0xa1), 0x30);
  return oidOf(members.get(0xa0)) === SHA384 && hex(mask[0].value) === MGF1 && oidOf(mask[1]) === SHA384 && integer(members.get(0xa2)) === SCALAR
    && (!members.has(0xa3) || integer(members.get(0xa3)) === 1);
}

/** Extensions by their OID's content in hexadecimal. */
function extensionsOf(list: Der[]): Map<string, { critical: boolean; value: Uint8Array }> {
  const map = new Map<string, { critical: boolean; value: Uint8Array }>();
  for (const extension of list) {
    const parts = inside(extension, 0x30);
    const oid = hex(parts[0].value);
    const value = parts[parts.length - 1];
    require(!map.has(oid) && value.tag === 0x04, 'snp.chain: a certificate has an extension twice, or a malformed one');
    map.set(oid, { critical: parts.length === 3 && parts[1].tag === 0x01 && parts[1].value[0] !== 0, value: value.value });
  }
  return map;
}

/** What an endorsement key's certificate says of its key, under 1.3.6.1.4.1.3704.1. */
function extensions(certificate: X509Certificate, product: Product): { kind: KeyKind; tcb: TcbVersion; hardwareId: Uint8Array | undefined } {
  const own = new Map([...extensionsOf(partsOf(certificate).extensions)].filter(([oid]) => oid.startsWith(ARC)).map(([oid, { value }]) => [oid.slice(ARC.length), value]));
  const refused = (why: string) => `snp.key.extensions: ${why}`;
  const label = LABELS[product];
  require([...own.keys()].every(arc => KNOWN.has(arc)), refused('an extension is not known'));
  const parsed = <T>(arc: string, read: () => T): T => {
    try {
      return read();
    } catch {
      require(false, refused(`extension ${arc} cannot be read`));
    }
  };
  const number = (arc: string): number => {
    const der = own.get(arc);
    require(der !== undefined, refused(`extension ${arc} is missing`));
    const value = parsed(arc, () => integer(only(der)));
    require(value <= 255, refused(`extension ${arc} is ${value}, must be 0 to 255`));
    return value;
  };
  const text = (arc: string): string | undefined => {
    const der = own.get(arc);
    if (der === undefined) {
      return undefined;
    }
    const string = parsed(arc, () => only(der));
    require(string.tag === 0x16, refused(`extension ${arc} is no IA5String`));
    return String.fromCharCode(...string.value);
  };
  const turin = product === 'turin';
  require(number('01') === (turin ? 1 : 0), refused(`its structure version is not ${label}'s`));
  const name = text('02') ?? '';
  require(name === label || name.startsWith(`${label}-`), refused(`the product is "${name}", the chain is of ${label}`));
  for (const arc of ['0304', '0305', '0306', '0307']) {
    require(!own.has(arc) || number(arc) === 0, refused(`extension ${arc} must be zero`));
  }
  require(turin || !own.has('0309'), refused(`${label} has no FMC`));
  const tcb = { fmc: turin ? number('0309') : 0, bootLoader: number('0301'), tee: number('0302'), snp: number('0303'), microcode: number('0308') };
  const hardwareId = own.get('04');
  require((hardwareId === undefined) !== (text('05') === undefined), refused('it has neither a hardware id nor a cloud\'s name, or both'));
  require(hardwareId === undefined || hardwareId.length === (turin ? 8 : 64), refused(`the hardware id has ${hardwareId?.length} bytes`));
  return { kind: hardwareId === undefined ? 'vlek' : 'vcek', tcb, hardwareId };
}
