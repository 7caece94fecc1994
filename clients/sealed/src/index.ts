export { SealedError } from './errors.js';
export { sealedFetch, type SealedOptions, type SealedReply } from './fetch.js';
export { byKind, pinned, reportData, type NodeOffer, type PinnedNode, type Trust, type Trusted } from './trust.js';
export { sealingId, type SealingKey, type ShownSealingKey, type SuiteName } from './sealing.js';
export { type Payment, type PaymentWitness, paymentWitness } from './payment.js';
export { type EvidenceJudge, type Finding, type JobProof, verifyProof } from './proof.js';
