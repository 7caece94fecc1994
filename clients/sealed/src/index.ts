export { SealedError } from './errors.js';
export { sealedFetch, type SealedOptions, type SealedReply } from './fetch.js';
export { pinned, reportData, type NodeOffer, type PinnedNode, type Trust, type Trusted } from './trust.js';
