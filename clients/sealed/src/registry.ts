import { getProgramDerivedAddress, type Address } from '@solana/addresses';
import { type Bytes, equal, fromBase64, hex, key, toBase58, utf8 } from './bytes.js';
import { SealedError } from './errors.js';
import type { NodeOffer, Trust } from './trust.js';

const NODE = { discriminator: 2, length: 464 };
const MODEL = { discriminator: 3, length: 448 };
const ACTIVE = 1;
const CONFIDENTIAL = 4;
const MEASUREMENT = 48;
const ZERO = new Uint8Array(32);

/** The registry on chain. */
export interface Registry {
  /** URL of a Solana RPC node: of one's own, for what it says is believed. */
  rpc: string;
  /** Id of the registry program, base58. */
  program: string;
  /** The registry's config account, base58: the one that the market names. */
  config: string;
  /** What asks the RPC node (the global `fetch` when not given). */
  fetch?: typeof fetch;
}

/**
 * Trusts nodes that `trust` does and that the registry on chain bears out: active, of the confidential tier, with these keys, its attestation not ended, and measured as the
 * model's publisher allows where it names measurements.
 */
export function registered(trust: Trust, registry: Registry): Trust {
  const [program, config] = [key(registry.program, 'the program'), key(registry.config, 'the config')];
  const at = async (seed: string, id: Bytes) => (await getProgramDerivedAddress({ programAddress: registry.program as Address, seeds: [utf8(seed), config, id] }))[0];
  return async offer => {
    const trusted = await trust(offer);
    const [node, model] = await accounts(registry, program, [await at('node', offer.node), await at('model', offer.model)]);
    bearsOut(node, config, offer);
    const allowed = model === undefined ? [] : measurements(model, config, offer.model);
    if (allowed.length > 0 && !allowed.includes(trusted.measurement ?? '')) {
      throw refuse(trusted.measurement === undefined ? 'its model may be served only by certain measurements, and its own is not known'
        : `it measures ${trusted.measurement}, which is none that the publisher of its model allows`);
    }
    return { ...trusted, how: `${trusted.how}; the registry on chain has these keys for it${allowed.length > 0 ? ', and its measurement for the model' : ''}` };
  };
}

const refuse = (why: string): SealedError => new SealedError('evidence_refused', why);

function bearsOut(node: Bytes | undefined, config: Bytes, offer: NodeOffer): void {
  if (node === undefined) {
    throw refuse('it is not in the registry');
  }
  shaped(node, NODE, config, offer.node);
  if (node[3] !== ACTIVE || (node[4] & CONFIDENTIAL) === 0) {
    throw refuse('the registry does not have it as an active node of the confidential tier');
  }
  if (!equal(node.subarray(136, 168), offer.receiptKey) || !equal(node.subarray(168, 200), offer.sealingKey)) {
    throw refuse('the registry has other keys for it than its evidence binds');
  }
  const expiry = new DataView(node.buffer).getBigUint64(256, true);
  if (expiry === 0n && !equal(node.subarray(360, 392), ZERO)) {
    throw refuse('its attestation was ended for good, and there is none newer');
  }
}

function measurements(model: Bytes, config: Bytes, id: Bytes): string[] {
  shaped(model, MODEL, config, id);
  return Array.from({ length: model[184] }, (_, i) => hex(model.subarray(192 + MEASUREMENT * i, 192 + MEASUREMENT * (i + 1))));
}

function shaped(account: Bytes, kind: typeof NODE, config: Bytes, id: Bytes): void {
  if (account.length !== kind.length || account[0] !== kind.discriminator || account[1] !== 1 || !equal(account.subarray(8, 40), config) || !equal(account.subarray(40, 72), id)) {
    throw new SealedError('registry_malformed', 'an account of the registry is of another form than this package knows');
  }
}

async function accounts(registry: Registry, program: Bytes, addresses: string[]): Promise<(Bytes | undefined)[]> {
  let answer: any;
  try {
    const response = await (registry.fetch ?? fetch)(registry.rpc, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getMultipleAccounts', params: [addresses, { encoding: 'base64', commitment: 'confirmed' }] }),
    });
    answer = await response.json();
  } catch (cause) {
    throw new SealedError('registry_unreachable', `the chain at ${registry.rpc} could not be asked who the nodes are, so nothing was sealed, sent or paid`, { cause });
  }
  const values = answer.result?.value;
  if (!Array.isArray(values) || values.length !== addresses.length) {
    throw new SealedError('registry_unreachable', `the chain at ${registry.rpc} did not tell who the nodes are (${answer.error?.message ?? 'no accounts'}), so nothing was sealed, sent or paid`);
  }
  return values.map(each => {
    // What belongs to somebody else is not the registry's word.
    return each !== null && each.owner === toBase58(program) ? fromBase64(each.data?.[0], 'an account') : undefined;
  });
}
