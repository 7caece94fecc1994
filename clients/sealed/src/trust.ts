import { type Bytes, concat, equal, fromBase64, fromHex, key, sha512, toBase58, u32, utf8 } from './bytes.js';
import { SealedError } from './errors.js';
import { sealingId, type SealingKey, sealingKey, type ShownSealingKey } from './sealing.js';

/** A node as a gateway shows it in `GET /v1/nodes`. Nothing of it is known to be true until a {@link Trust} has said so. */
export interface NodeOffer {
  node: Bytes;
  receiptKey: Bytes;
  /** Id of its sealing key, as registry and evidence have it: a hash of suite and key. */
  sealingKey: Bytes;
  /** What prompts are sealed to, which has that id. Not there in proofs that did not note it. */
  sealing?: SealingKey;
  /** Id of the model that it runs under the name asked for. */
  model: Bytes;
  /** `tdx` or `snp`. */
  kind: string;
  quote: Bytes;
  collateral: string;
  /** The gateway's, which the evidence answers. */
  nonce: Bytes;
  /** What the evidence's report data must be, all 64 bytes, if it binds these keys. */
  reportData: Bytes;
}

/** Why a node is trusted. */
export interface Trusted {
  /** In words, for people. */
  how: string;
  /** A development TEE vouches for it: no hardware protects anything. */
  development: boolean;
  /** What was measured, as the registry writes it (of TDX the MRTD), hexadecimal; not there where the evidence was not looked at. */
  measurement?: string;
}

/** Decides whether a prompt may be sealed to a node; throws {@link SealedError} `evidence_refused` when it may not. */
export type Trust = (offer: NodeOffer) => Promise<Trusted> | Trusted;

/**
 * Judges each node by what judges its kind of evidence: `byKind({ tdx: tdx({…}), snp: snp({…}) })` for a trust, with `tdxJudge` and `snpJudge` for proofs. A kind that is not named is refused.
 */
export function byKind<A extends unknown[], R>(judges: Record<string, (offer: NodeOffer, ...more: A) => R>): (offer: NodeOffer, ...more: A) => R {
  return (offer, ...more) => {
    if (!Object.hasOwn(judges, offer.kind)) {
      throw new SealedError('evidence_refused', `its evidence is of kind ${offer.kind}; judged are ${Object.keys(judges).join(' and ')}`);
    }
    return judges[offer.kind](offer, ...more);
  };
}

/** Keys that the caller knows from elsewhere, in base58: from the registry on chain, or verified by `nyxos attest`. */
export interface PinnedNode {
  node: string;
  /** The id: `sealing_key` of `GET /v1/nodes`. */
  sealingKey: string;
  receiptKey: string;
}

/** Trusts exactly these keys, and looks at no evidence. */
export function pinned(nodes: PinnedNode[]): Trust {
  return offer => {
    const found = nodes.some(each => each.node === toBase58(offer.node) && each.sealingKey === toBase58(offer.sealingKey) && each.receiptKey === toBase58(offer.receiptKey));
    if (!found) {
      throw new SealedError('evidence_refused', 'its keys are not among those that are pinned');
    }
    return { how: 'its keys are pinned; its evidence was not looked at', development: false };
  };
}

/** What evidence that binds a node's keys and a nonce has as report data. */
export async function reportData(node: Bytes, receiptKey: Bytes, sealingKey: Bytes, nonce: Bytes): Promise<Bytes> {
  return sha512(utf8('nyxos:report-data:v1'), ...[node, receiptKey, sealingKey, nonce].map(field => concat(u32(field.length), field)));
}

interface ShownNode {
  node?: unknown;
  receipt_key?: unknown;
  sealing_key?: unknown;
  sealing?: ShownSealingKey;
  tiers?: unknown[];
  models?: { name?: unknown; model_id?: unknown }[];
  busy?: number;
  capacity?: number;
  evidence?: { kind?: unknown; nonce?: unknown; quote?: unknown; collateral?: unknown; until_ms?: number };
}

/** A node that a prompt may be sealed to. */
export interface TrustedNode extends Trusted {
  offer: NodeOffer & { sealing: SealingKey };
  /** When it was judged, unix milliseconds. */
  judgedMs: number;
}

/** The least busy node that runs the model and can be trusted. */
export async function choose(shown: { nodes?: ShownNode[] }, model: string, trust: Trust, now: number): Promise<TrustedNode> {
  const candidates = (shown.nodes ?? []).filter(node => node.tiers?.includes('confidential') && node.sealing_key && node.evidence && node.models?.some(each => each.name === model));
  const load = (node: ShownNode) => (node.busy ?? 0) / Math.max(1, node.capacity ?? 1);
  candidates.sort((a, b) => load(a) - load(b) || (String(a.node) < String(b.node) ? -1 : 1));
  const reasons: string[] = [];
  for (const node of candidates) {
    try {
      if ((node.evidence?.until_ms ?? 0) <= now) {
        throw new SealedError('evidence_refused', 'its evidence has expired, and there is none newer yet');
      }
      const offer = await read(node, model);
      return { offer, judgedMs: now, ...await trust(offer) };
    } catch (e) {
      // Of no node anything can be known then.
      if (!(e instanceof SealedError) || e.code === 'registry_unreachable') {
        throw e;
      }
      reasons.push(`node ${node.node}: ${e.message}`);
    }
  }
  throw new SealedError('no_trusted_node', (reasons.length === 0 ? `no node with evidence of a TEE runs model ${model} now` : `no node can be trusted with this prompt: ${reasons.join('; ')}`)
    + '; nothing was sent or paid');
}

async function read(shown: ShownNode, model: string): Promise<TrustedNode['offer']> {
  const evidence = shown.evidence ?? {};
  const [node, receiptKey, id] = [key(shown.node, 'its node'), key(shown.receipt_key, 'its receipt_key'), key(shown.sealing_key, 'its sealing_key')];
  // Suite and key are believed because the evidence binds the id of both.
  const sealing = sealingKey(shown.sealing, 'its sealing key');
  if (!equal(await sealingId(sealing), id)) {
    throw new SealedError('evidence_refused', `its sealing_key is not the id of the ${sealing.suite} key that is shown for it`);
  }
  const nonce = fromHex(evidence.nonce, 'its nonce', 32);
  return {
    node, receiptKey, sealingKey: id, sealing, nonce,
    model: fromHex(shown.models?.find(each => each.name === model)?.model_id, 'its model_id', 32),
    kind: String(evidence.kind),
    quote: fromBase64(evidence.quote, 'its quote'),
    collateral: String(evidence.collateral),
    reportData: await reportData(node, receiptKey, id, nonce),
  };
}
