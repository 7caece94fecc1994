import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { type Bytes, concat, fromBase64, u32, utf8 } from './bytes.js';
import { SealedError } from './errors.js';
import { hpkeOf, sealingId, type SealingKey } from './sealing.js';

const PADDING = 256;
const MORE = 0;
const LAST = 1;
const HEAD = 2;
const SALT = 32;

/** How tokens are drawn, in integers. */
export interface Sampler {
  temperatureMicro: number;
  topPMicro: number;
  topK: number;
}

/** What a sealed prompt is good for: nobody on the way can have it answered otherwise. */
export interface Terms {
  node: Bytes;
  model: Bytes;
  maxOutput: number;
  sampler: Sampler;
}

/** A message as a node reads it. */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** What goes to the node, and what opens its reply. */
export interface SealedPrompt {
  encapsulation: Bytes;
  ciphertext: Bytes;
  /** Bytes of the prompt with its padding. */
  length: number;
  reply(): ReplyOpener;
}

/** Seals a request to a node's key. */
export async function seal(sealing: SealingKey, terms: Terms, messages: Message[], stop: string[]): Promise<SealedPrompt> {
  const json = utf8(JSON.stringify({ messages, maxTokens: terms.maxOutput, stop }));
  const padded = new Uint8Array(Math.ceil(json.length / PADDING) * PADDING).fill(0x20);
  padded.set(json);
  const sender = await senderTo(sealing);
  const { temperatureMicro, topPMicro, topK } = terms.sampler;
  const aad = concat(utf8('nyxos:prompt-terms:v1'), terms.node, terms.model, u32(terms.maxOutput), u32(temperatureMicro), u32(topPMicro), u32(topK));
  const ciphertext = new Uint8Array(await sender.seal(padded, aad));
  const encapsulation = new Uint8Array(sender.enc);
  const secret = new Uint8Array(await sender.export(utf8('nyxos:reply:v1'), 32));
  return { encapsulation, ciphertext, length: padded.length, reply: () => new ReplyOpener(secret, encapsulation) };
}

async function senderTo(sealing: SealingKey) {
  const hpke = hpkeOf(sealing.suite);
  try {
    return await hpke.createSenderContext({ recipientPublicKey: await hpke.kem.deserializePublicKey(sealing.key), info: concat(utf8('nyxos:prompt:v1'), await sealingId(sealing)) });
  } catch (cause) {
    // A point of small order, or no polynomials of ML-KEM.
    throw new SealedError('sealing_key_malformed', `nothing can be sealed to the node's ${sealing.suite} key; nothing was sent or paid`, { cause });
  }
}

const broken = (why: string): SealedError => new SealedError('reply_seal_broken', `${why}; somebody on the way changed the reply, use another gateway`);

/** Opens one reply: lines of base64, each a frame, cut into parts anywhere. Only a reply that {@link end}s was not cut off. */
export class ReplyOpener {
  readonly #secret: Bytes;
  readonly #encapsulation: Bytes;
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  #line = '';
  #chunks: { open(frame: number, chunk: Bytes): Promise<Uint8Array> } | undefined;
  #whole = false;

  constructor(secret: Bytes, encapsulation: Bytes) {
    this.#secret = secret;
    this.#encapsulation = encapsulation;
  }

  /** The text in the next part of what came; parts are given one after the other. */
  async take(part: string): Promise<string> {
    this.#line += part;
    let text = '';
    for (let end = this.#line.indexOf('\n'); end >= 0; end = this.#line.indexOf('\n')) {
      const line = this.#line.slice(0, end);
      this.#line = this.#line.slice(end + 1);
      text += await this.#open(line);
    }
    return text;
  }

  /** Nothing follows. */
  end(): void {
    if (this.#line !== '' || !this.#whole) {
      throw broken('the sealed reply was cut off before its end');
    }
  }

  async #open(line: string): Promise<string> {
    let frame: Bytes;
    try {
      frame = fromBase64(line, 'a frame');
    } catch {
      throw broken('a frame of the sealed reply is not base64');
    }
    if (this.#whole || frame.length === 0) {
      throw broken('something follows the end of the sealed reply');
    }
    const content = frame.slice(1);
    if (this.#chunks === undefined) {
      if (frame[0] !== HEAD || content.length !== SALT) {
        throw broken('the sealed reply does not begin with its salt');
      }
      this.#chunks = await chunks(this.#secret, concat(this.#encapsulation, content));
      return '';
    }
    if (frame[0] !== MORE && frame[0] !== LAST) {
      throw broken('a frame of the sealed reply is of no known kind');
    }
    let piece: Uint8Array;
    try {
      piece = await this.#chunks.open(frame[0], content);
    } catch {
      throw broken('a frame of the sealed reply was altered, or frames are missing, doubled or out of order');
    }
    this.#whole = frame[0] === LAST;
    return this.#text.decode(piece);
  }
}

async function chunks(secret: Bytes, salt: Bytes) {
  const ikm = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const derived = new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8('nyxos:reply:v1') }, ikm, 44 * 8));
  const aead = new Chacha20Poly1305().createEncryptionContext(derived.slice(0, 32));
  const nonce = derived.slice(32);
  let next = 0n;
  return {
    async open(frame: number, chunk: Bytes): Promise<Uint8Array> {
      const numbered = nonce.slice();
      const view = new DataView(numbered.buffer);
      view.setBigUint64(4, view.getBigUint64(4) ^ next++);
      return new Uint8Array(await aead.open(numbered, chunk, Uint8Array.of(frame)));
    },
  };
}
