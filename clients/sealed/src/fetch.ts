import { fromBase64, fromHex, equal, hex, toBase58, toBase64, key } from './bytes.js';
import { SealedError } from './errors.js';
import { covers, payingFor, type PaymentWitness } from './payment.js';
import { answers, type JobProof, jobProof } from './proof.js';
import { decodeReceipt, receiptHash, signedBy } from './receipt.js';
import { type Message, type ReplyOpener, type Sampler, type SealedPrompt, seal } from './seal.js';
import type { SuiteName } from './sealing.js';
import { choose, type Trust, type TrustedNode } from './trust.js';

// Everything else would reach the gateway in the clear, or is not known to be harmless.
const SENT = new Set(['model', 'messages', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'seed', 'stop', 'stream', 'stream_options', 'peer_tier']);

/** What a sealed request came to. */
export interface SealedReply {
  /** The job in hexadecimal. */
  job: string;
  /** The node that alone could read the prompt, base58. */
  node: string;
  /** Why it was trusted, for people. */
  how: string;
  /** How the prompt was sealed: `x-wing`, or `x25519`, which a quantum computer would open. */
  suite: SuiteName;
  /** A development TEE vouched for it: no hardware protected anything. */
  development: boolean;
  /** What the receipt charges, base units of `mint`. */
  charge: bigint;
  /** Base58. */
  mint: string;
  /** By which `nyxos verify` finds the receipt in its batch, hexadecimal. */
  receiptHash: string;
  /** Shows all this to anybody, offline: {@link verifyProof}, or `nyxos verify --proof`. Holds no prompt and no reply. */
  proof: JobProof;
}

/** How to seal. */
export interface SealedOptions {
  /** Decides which nodes may read prompts: `tdx({…})` of `@nyxos/sealed/tdx`, {@link pinned}, or the caller's own. */
  trust: Trust;
  /** Saw what was paid ({@link paymentWitness}): then each receipt must be of the payment's own job, and charge no more than was agreed to. */
  payments?: PaymentWitness;
  /** Told of each reply whose end and receipt hold. */
  onReply?: (reply: SealedReply) => void;
}

/**
 * A fetch that seals the prompts of chat completions to a node that it trusts, and opens the replies. Everything else passes through.
 *
 * It must be the outermost wrapper: `sealedFetch(wrapFetchWithPayment(fetch, client), …)`, for what is paid for is the sealed request.
 * What it refuses comes as a response with status 502 and a JSON error whose `code` is a {@link SealedError}'s, marked so that SDKs do not ask (and pay) again;
 * what breaks inside a stream ends the stream with a {@link SealedError}.
 */
export function sealedFetch(inner: typeof fetch, options: SealedOptions): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
    if (method.toUpperCase() !== 'POST' || !url.pathname.endsWith('/chat/completions')) {
      return inner(input, init);
    }
    try {
      return await complete(inner, new Request(input, init), url, options);
    } catch (e) {
      if (e instanceof SealedError) {
        return refusal(e);
      }
      throw e;
    }
  };
}

function refusal(e: SealedError): Response {
  const body = JSON.stringify({ error: { message: e.message, type: 'sealed_error', code: e.code, param: null } });
  return new Response(body, { status: 502, headers: { 'content-type': 'application/json', 'x-should-retry': 'false' } });
}

async function complete(inner: typeof fetch, request: Request, url: URL, options: SealedOptions): Promise<Response> {
  if (request.headers.has('payment-signature') || request.headers.has('x-payment')) {
    throw new SealedError('wrong_order', 'the request is paid for before it is sealed: put sealedFetch outside of the wrapper that pays');
  }
  const asked = parse(await request.text());
  const base = url.href.slice(0, url.href.indexOf('/chat/completions'));
  const node = await choose(await json(inner, `${base}/nodes`), asked.model, options.trust, Date.now());
  const maxOutput = asked.maxOutput ?? await defaultMaxOutput(inner, base, asked.model);
  const prompt = await seal(node.offer.sealing, { node: node.offer.node, model: node.offer.model, maxOutput, sampler: asked.sampler }, asked.messages, asked.stop);
  const sealed = { node: toBase58(node.offer.node), key: toBase58(node.offer.sealingKey), encapsulation: toBase64(prompt.encapsulation), ciphertext: toBase64(prompt.ciphertext) };
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  headers.set('content-type', 'application/json');
  const body = JSON.stringify({ ...asked.open, max_tokens: maxOutput, peer_tier: 'confidential', sealed });
  const response = await inner(url, { method: 'POST', headers, signal: request.signal, body });
  if (response.status !== 200) {
    return response;
  }
  const job = new Job(node, asked.sampler, maxOutput, prompt, body, options);
  return response.headers.get('content-type')?.startsWith('text/event-stream') ? job.stream(response) : job.whole(response);
}

async function json(inner: typeof fetch, url: string): Promise<any> {
  const response = await inner(url);
  if (!response.ok) {
    throw new SealedError('gateway_malformed', `${url} answered ${response.status}`);
  }
  return response.json();
}

async function defaultMaxOutput(inner: typeof fetch, base: string, model: string): Promise<number> {
  const shown = await json(inner, `${base}/models/${encodeURIComponent(model)}`);
  if (!Number.isInteger(shown.default_max_tokens)) {
    throw new SealedError('gateway_malformed', `the gateway names no default_max_tokens of ${model}; give max_tokens`);
  }
  return shown.default_max_tokens;
}

const TIERS = ['open', 'verified', 'confidential'];

/** A tier may stand behind a model's name; what stands there and is none is part of the name, as the gateway reads it. */
function named(text: string): { model: string; tier: string | undefined } {
  const colon = text.lastIndexOf(':');
  const tier = text.slice(colon + 1);
  return colon > 0 && TIERS.includes(tier) ? { model: text.slice(0, colon), tier } : { model: text, tier: undefined };
}

interface Asked {
  model: string;
  messages: Message[];
  stop: string[];
  maxOutput: number | undefined;
  sampler: Sampler;
  /** What the gateway is told beside the sealed prompt. */
  open: Record<string, unknown>;
}

function parse(body: string): Asked {
  let root: any;
  try {
    root = JSON.parse(body);
  } catch (cause) {
    throw new SealedError('unsupported_parameter', 'the body is not JSON', { cause });
  }
  for (const [name, value] of Object.entries(root)) {
    if (value !== null && value !== undefined && !SENT.has(name)) {
      throw new SealedError('unsupported_parameter', `'${name}' would reach the gateway in the clear; leave it out`);
    }
  }
  const { model, tier } = named(String(root.model));
  for (const asked of [root.peer_tier ?? undefined, tier]) {
    if (asked !== undefined && asked !== 'confidential') {
      throw new SealedError('seal_tier', `the tier asked for is ${asked}: only prompts of the confidential tier can be sealed`);
    }
  }
  // In whole millionths, so that gateway and node read exactly what the prompt is sealed for.
  const micro = (value: unknown, least: number) => Math.max(least, Math.round(Number(value ?? 1) * 1e6));
  const sampler = { temperatureMicro: micro(root.temperature, 0), topPMicro: micro(root.top_p, 1), topK: 0 };
  const open: Record<string, unknown> = { model, stream: root.stream ?? false, temperature: sampler.temperatureMicro / 1e6, top_p: sampler.topPMicro / 1e6 };
  for (const name of ['seed', 'stream_options']) {
    if (root[name] !== null && root[name] !== undefined) {
      open[name] = root[name];
    }
  }
  return {
    model, messages: (root.messages ?? []).map(message), stop: root.stop === null || root.stop === undefined ? [] : [root.stop].flat().map(String),
    maxOutput: root.max_completion_tokens ?? root.max_tokens ?? undefined, sampler, open,
  };
}

function message(each: any): Message {
  const role = each.role === 'developer' ? 'system' : each.role;
  if (role !== 'system' && role !== 'user' && role !== 'assistant') {
    throw new SealedError('unsupported_parameter', `messages of role '${role}' are not supported`);
  }
  const content = typeof each.content === 'string' ? each.content : (each.content ?? []).map((part: any) => {
    if (part.type !== 'text') {
      throw new SealedError('unsupported_parameter', `only text parts are supported, this is '${part.type}'`);
    }
    return part.text;
  }).join('');
  return { role, content };
}

/** One request on its way back. */
class Job {
  readonly #reply: ReplyOpener;
  // Whether a stream has come to the end that the gateway gives it: whole, or with an error.
  #over = false;

  constructor(readonly node: TrustedNode, readonly sampler: Sampler, readonly maxOutput: number, prompt: SealedPrompt, readonly body: string,
    readonly options: SealedOptions) {
    this.#reply = prompt.reply();
  }

  async whole(response: Response): Promise<Response> {
    const root: any = await response.json();
    const shown = root.choices?.[0]?.message;
    shown.content = await this.#reply.take(String(shown?.content));
    this.#reply.end();
    await this.#receipt(root.nyxos);
    return new Response(JSON.stringify(root), { status: response.status, headers: clean(response.headers) });
  }

  stream(response: Response): Response {
    const decoder = new TextDecoder();
    const encoder = new TextEncoder();
    let buffer = '';
    const lines = async (text: string, out: TransformStreamDefaultController<Uint8Array>) => {
      buffer += text;
      for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 1);
        this.#over ||= line === 'data: [DONE]';
        out.enqueue(encoder.encode(`${line.startsWith('data: {') ? `data: ${await this.#event(line.slice(6))}` : line}\n`));
      }
    };
    const opened = new TransformStream<Uint8Array, Uint8Array>({
      transform: async (part, out) => lines(decoder.decode(part, { stream: true }), out),
      flush: () => {
        // An SDK takes a stream that just ends for a whole one.
        if (!this.#over) {
          throw new SealedError('reply_seal_broken', 'the stream ended before its end');
        }
      },
    });
    return new Response(response.body?.pipeThrough(opened), { status: response.status, headers: clean(response.headers) });
  }

  async #event(data: string): Promise<string> {
    const chunk: any = JSON.parse(data);
    this.#over ||= chunk.error !== undefined;
    const delta = chunk.choices?.[0]?.delta;
    if (typeof delta?.content === 'string' && delta.content !== '') {
      delta.content = await this.#reply.take(delta.content);
    }
    if (chunk.nyxos) {
      this.#reply.end();
      await this.#receipt(chunk.nyxos);
    }
    return JSON.stringify(chunk);
  }

  /** The node that the prompt was sealed to has accounted for this very work. */
  async #receipt(shown: any): Promise<void> {
    const invalid = (why: string) => new SealedError('receipt_invalid', `the reply's receipt does not hold: ${why}; use another gateway`);
    if (!shown) {
      throw invalid('there is none');
    }
    const bytes = fromBase64(shown.receipt, 'the receipt');
    const receipt = decodeReceipt(bytes);
    const { offer } = this.node;
    if (!equal(receipt.job, fromHex(shown.job, 'the job', 32)) || receipt.charge !== BigInt(shown.charge) || !equal(receipt.mint, key(shown.mint, 'the mint'))) {
      throw invalid('job, charge or mint is not what the gateway says');
    }
    try {
      answers(receipt, offer.node, offer.model, this.maxOutput, this.sampler);
    } catch (e) {
      throw invalid((e as Error).message);
    }
    const signature = fromBase64(shown.receiptSignature, "the receipt's signature");
    if (!await signedBy(offer.receiptKey, bytes, signature)) {
      throw invalid('it is not signed by the receipt key of the node that the prompt was sealed to');
    }
    const payments = this.options.payments?.take(this.body);
    const payment = payments === undefined ? undefined : await payingFor(receipt.job, payments);
    if (payments !== undefined) {
      if (payment === undefined) {
        throw invalid('it is of a job that was not paid for here (payments.fetch goes inside of the wrapper that pays)');
      }
      await covers(payment, receipt).catch(e => { throw invalid((e as Error).message); });
    }
    this.options.onReply?.({
      job: hex(receipt.job), node: toBase58(offer.node), how: this.node.how, suite: offer.sealing.suite, development: this.node.development, charge: receipt.charge, mint: toBase58(receipt.mint),
      receiptHash: hex(await receiptHash(bytes)),
      proof: jobProof({ offer, judgedMs: this.node.judgedMs, maxOutput: this.maxOutput, sampler: this.sampler, receipt: bytes, signature, payment }),
    });
  }
}

/** Lengths and encodings are those of the sealed reply. */
function clean(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('content-length');
  kept.delete('content-encoding');
  return kept;
}
