// The stock @x402/fetch and the OpenAI SDK, paying with vouchers, against a running gateway. Prints one line of JSON with what the client saw.
// Environment: GATEWAY, MODEL, VECTORS (makes embeddings), MINT, ESCROW, SESSION (base58 of the session keypair's 64 bytes), BOOK. Argument: what to do.
import { appendPaymentIdentifierToExtensions, generatePaymentId } from '@x402/extensions/payment-identifier';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { base58 } from '@scure/base';
import OpenAI from 'openai';
import { fileBook } from '../dist/file.js';
import { escrowPayer } from '../dist/index.js';

const { GATEWAY, MODEL, VECTORS, MINT, ESCROW, SESSION, BOOK } = process.env;
const book = fileBook(BOOK);
const paid = [];
const payer = await escrowPayer({ escrow: ESCROW, session: base58.decode(SESSION), mint: MINT, book, mostPerCall: 5_000n, onPaid: each => paid.push({ ...each, charge: String(each.charge), used: String(each.used) }) });
const client = new x402Client().register('solana:*', payer.scheme);
const paying = wrapFetchWithPayment(payer.fetch(fetch), client);
const openai = new OpenAI({ apiKey: 'none', baseURL: `${GATEWAY}/v1`, fetch: paying, maxRetries: 0 });
const question = { model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'hi' }] };
const text = completion => completion.choices[0].message.content;

async function books() {
  const balance = await (await fetch(`${GATEWAY}/v1/escrows/${ESCROW}`)).json();
  return { used: String(await book.used(ESCROW)), open: (await book.open(ESCROW)).length, paid, gatewayUsed: balance.used, reserved: balance.reserved };
}

const doing = {
  async whole() {
    return { text: text(await openai.chat.completions.create(question)), ...await books() };
  },
  async stream() {
    const pieces = [];
    for await (const chunk of await openai.chat.completions.create({ ...question, stream: true, stream_options: { include_usage: true } })) {
      if (chunk.choices[0]?.delta?.content) pieces.push(chunk.choices[0].delta.content);
    }
    return { pieces, ...await books() };
  },
  async completion() {
    const completion = await openai.completions.create({ model: MODEL, prompt: 'hi', max_tokens: 32 });
    return { text: completion.choices[0].text, object: completion.object, ...await books() };
  },
  async embeddings() {
    // A text of more tokens than a prompt without messages could have.
    const list = await openai.embeddings.create({ model: VECTORS, input: Array.from({ length: 40 }, () => 'hello world') });
    return { vectors: list.data.length, ...await books() };
  },
  async service() {
    const response = await paying(`${GATEWAY}/v1/services/weather`, { method: 'POST', body: '{"city": "Łódź" }' });
    return { status: response.status, text: await response.text(), ...await books() };
  },
  async together() {
    const texts = await Promise.all(Array.from({ length: 6 }, async () => text(await openai.chat.completions.create(question))));
    return { texts, ...await books() };
  },
  async named() {
    const id = generatePaymentId();
    client.onBeforePaymentCreation(async ({ paymentRequired }) => { appendPaymentIdentifierToExtensions(paymentRequired.extensions, id); });
    const jobs = [];
    for (let i = 0; i < 2; i++) jobs.push((await openai.chat.completions.create(question)).nyxos.job);
    return { jobs, ...await books() };
  },
  async lost() {
    // The reply is cut off on its way: the request stays covered, and is ended before the next one.
    const cut = wrapFetchWithPayment(payer.fetch(async (input, init) => {
      const payment = input instanceof Request && input.headers.has('PAYMENT-SIGNATURE');
      const response = await fetch(input, init);
      if (payment) {
        await response.arrayBuffer();
        throw new TypeError('fetch failed');
      }
      return response;
    }), client);
    const error = await cut(`${GATEWAY}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(question) }).catch(e => e.message);
    const open = (await book.open(ESCROW)).length;
    await payer.settleOpen(GATEWAY);
    return { error, openBefore: open, ...await books() };
  },
  async poor() {
    return openai.chat.completions.create(question).then(() => ({ refused: false }), async e => ({ refused: true, status: e.status, ...await books() }));
  },
};

console.log(JSON.stringify(await doing[process.argv[2]]()));
process.exit(0);
