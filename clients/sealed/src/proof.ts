import { type Bytes, equal, fromBase64, fromHex, hex, key, toBase58, toBase64 } from './bytes.js';
import { SealedError } from './errors.js';
import { covers, jobOf, type Payment } from './payment.js';
import { CONFIDENTIAL, decodeReceipt, type Receipt, signedBy } from './receipt.js';
import type { Sampler } from './seal.js';
import { sealingId, sealingKey, type ShownSealingKey, shownSealingKey } from './sealing.js';
import { type NodeOffer, reportData } from './trust.js';

/** Everything that shows, to anybody and without a network, who could read a prompt and what was paid for its reply (docs/protocol.md §13). JSON. */
export interface JobProof {
  version: 1;
  /** Hexadecimal. */
  job: string;
  /** When the evidence was judged, unix milliseconds. */
  judgedMs: number;
  /** Base58. */
  node: string;
  receiptKey: string;
  /** Id of the sealing key. */
  sealingKey: string;
  /** What the prompt was sealed to; not there in proofs from before there were suites. */
  sealing?: ShownSealingKey;
  evidence: { kind: string; nonce: string; quote: string; collateral: string };
  /** Id of the model, hexadecimal. */
  model: string;
  maxOutput: number;
  sampler: Sampler;
  /** Base64. */
  receipt: string;
  receiptSignature: string;
  /** Not there where nothing watched what was paid. */
  payment?: Payment;
}

/** One link of a proof. */
export interface Finding {
  /** `evidence`, `sealing` (where it was noted), `receipt signature`, `receipt`, `job`, `payment`. */
  check: string;
  passed: boolean;
  why: string;
}

/** Judges evidence at a time; throws {@link SealedError} `evidence_refused`. */
export type EvidenceJudge = (offer: NodeOffer, at: Date) => Promise<{ how: string }> | { how: string };

/** What a proof is made of. */
export interface Proven {
  offer: NodeOffer;
  judgedMs: number;
  maxOutput: number;
  sampler: Sampler;
  receipt: Bytes;
  signature: Bytes;
  payment: Payment | undefined;
}

/** Writes a proof down. */
export function jobProof({ offer, judgedMs, maxOutput, sampler, receipt, signature, payment }: Proven): JobProof {
  return {
    version: 1, job: hex(decodeReceipt(receipt).job), judgedMs, node: toBase58(offer.node), receiptKey: toBase58(offer.receiptKey), sealingKey: toBase58(offer.sealingKey),
    ...offer.sealing === undefined ? {} : { sealing: shownSealingKey(offer.sealing) },
    evidence: { kind: offer.kind, nonce: hex(offer.nonce), quote: toBase64(offer.quote), collateral: offer.collateral },
    model: hex(offer.model), maxOutput, sampler, receipt: toBase64(receipt), receiptSignature: toBase64(signature), ...payment === undefined ? {} : { payment },
  };
}

/**
 * Follows a proof from quote to key to receipt to payment, offline; every check is made, also behind one that failed.
 *
 * @param proof of {@link SealedReply}, or what `nyxos pay --keep` wrote
 * @param judge by whose rules evidence is judged: `tdxJudge(policy)` of `@nyxos/sealed/tdx`
 */
export async function verifyProof(proof: JobProof, judge: EvidenceJudge): Promise<Finding[]> {
  const findings: Finding[] = [];
  const check = async (name: string, holds: () => Promise<string> | string) => {
    try {
      findings.push({ check: name, passed: true, why: await holds() });
    } catch (e) {
      findings.push({ check: name, passed: false, why: (e as Error).message });
    }
  };
  const receipt = (): Receipt => decodeReceipt(fromBase64(proof.receipt, 'the receipt'));
  const paid = (): Payment => {
    if (proof.payment === undefined) {
      throw new SealedError('payment_unseen', 'nothing shows what was paid');
    }
    return proof.payment;
  };
  await check('evidence', async () => {
    if (proof.version !== 1) {
      throw new SealedError('proof_malformed', `a proof of version ${proof.version} is not known`);
    }
    return (await judge(await offered(proof), new Date(proof.judgedMs))).how;
  });
  const { sealing } = proof;
  if (sealing !== undefined) {
    await check('sealing', async () => {
      const id = toBase58(await sealingId(sealingKey(sealing, 'the sealing key')));
      if (id !== proof.sealingKey) {
        throw new SealedError('evidence_refused', `the ${sealing.suite} key has id ${id}, the evidence has to bind ${proof.sealingKey}`);
      }
      return `by ${sealing.suite} to key ${id}, which the evidence has to bind`;
    });
  }
  await check('receipt signature', async () => {
    const receiptKey = key(proof.receiptKey, 'the receipt key');
    if (!await signedBy(receiptKey, fromBase64(proof.receipt, 'the receipt'), fromBase64(proof.receiptSignature, "the receipt's signature"))) {
      throw new SealedError('receipt_invalid', `receipt key ${proof.receiptKey} of the evidence has not signed it`);
    }
    return `by receipt key ${proof.receiptKey}, which the evidence has to bind`;
  });
  await check('receipt', () => {
    answers(receipt(), key(proof.node, 'the node'), fromHex(proof.model, 'the model', 32), proof.maxOutput, proof.sampler);
    return `it answers what was asked of node ${proof.node}`;
  });
  await check('job', async () => {
    const job = hex(receipt().job);
    const due = hex(await jobOf(paid()));
    if (job !== due || job !== proof.job) {
      throw new SealedError('receipt_invalid', `the receipt is of job ${job}, the payment is for ${due}`);
    }
    return `${job} is what the payment is for, and nothing else can be`;
  });
  await check('payment', async () => {
    const { how, signed } = await covers(paid(), receipt());
    if (!signed) {
      throw new SealedError('payment_unsigned', `${how}; whose it is was not noted: give paymentWitness the escrow's session key`);
    }
    return `${how}, the receipt charges ${receipt().charge}`;
  });
  return findings;
}

async function offered({ node, receiptKey, sealingKey: id, model, evidence }: JobProof): Promise<NodeOffer> {
  const keys = [key(node, 'the node'), key(receiptKey, 'the receipt key'), key(id, 'the sealing key')] as const;
  const nonce = fromHex(evidence.nonce, 'the nonce', 32);
  return {
    node: keys[0], receiptKey: keys[1], sealingKey: keys[2], model: fromHex(model, 'the model', 32), kind: evidence.kind, nonce, quote: fromBase64(evidence.quote, 'the quote'),
    collateral: evidence.collateral, reportData: await reportData(...keys, nonce),
  };
}

/** Throws unless a receipt answers what was asked. */
export function answers(receipt: Receipt, node: Bytes, model: Bytes, maxOutput: number, sampler: Sampler): void {
  if (!equal(receipt.node, node) || !equal(receipt.model, model) || receipt.tier !== CONFIDENTIAL || receipt.tokensOut > maxOutput
    || receipt.temperatureMicro !== sampler.temperatureMicro || receipt.topPMicro !== sampler.topPMicro || receipt.topK !== sampler.topK) {
    throw new SealedError('receipt_invalid', 'it is of another node, model, tier, length or sampler than the prompt was sealed for');
  }
}
