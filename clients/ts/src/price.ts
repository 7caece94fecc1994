import { EscrowError } from './errors.js';

const MILLION = 1_000_000n;

/** Base units per million tokens. */
export interface Price {
  in: bigint;
  out: bigint;
}

/** What token counts cost: rounded up to the base unit, at least 1. */
export function charge(price: Price, tokensIn: bigint, tokensOut: bigint): bigint {
  const exact = (tokensIn * price.in + tokensOut * price.out + MILLION - 1n) / MILLION;
  return exact > 1n ? exact : 1n;
}

/** No prompt, and no inputs to embed, have more tokens than this: a token covers a byte at least, and the chat template adds so many. Sealed prompts as docs/protocol.md §12 has it. */
export function promptBound(body: any): bigint {
  if (typeof body.sealed?.ciphertext === 'string') {
    const text = body.sealed.ciphertext;
    const bytes = BigInt((text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0) - 16);
    return bytes + (bytes + 7n) / 8n + 64n;
  }
  const encoder = new TextEncoder();
  let bound = 64n;
  const texts = body.prompt ?? body.input;
  const messages = typeof texts === 'string' ? [{ content: texts }] : Array.isArray(texts) ? texts.map((content: unknown) => ({ content })) : body.messages;
  for (const message of Array.isArray(messages) ? messages : []) {
    const parts: any[] = typeof message?.content === 'string' ? [{ text: message.content }] : Array.isArray(message?.content) ? message.content : [];
    bound += BigInt(parts.reduce((sum, part) => sum + encoder.encode(String(part?.text ?? '')).length, 0)) + 32n;
  }
  return bound;
}

const TIERS = ['open', 'verified', 'confidential'];

/** The tier that a request asks for: in its body, or behind the model's name. */
export function tierOf(body: any): string {
  const suffix = String(body.model).split(':').at(-1) as string;
  return body.peer_tier ?? (TIERS.includes(suffix) && suffix.length + 1 < body.model.length ? suffix : 'open');
}

/** What a gateway asks for a model in a tier and a mint, from its `GET /v1/models/{model}`. */
export function priceIn(model: any, tier: string, mint: string): Price {
  for (const each of model?.tiers?.[tier]?.pricing ?? []) {
    if (each?.mint === mint && /^\d{1,19}$/.test(each.per_million_in) && /^\d{1,19}$/.test(each.per_million_out)) {
      return { in: BigInt(each.per_million_in), out: BigInt(each.per_million_out) };
    }
  }
  throw new EscrowError('not_offered', `model ${model?.id} with tier ${tier} has no price in mint ${mint}; nothing was signed`);
}
