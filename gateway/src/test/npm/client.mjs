// Clients as their makers publish them, against a gateway. Prints one line of JSON with what the client saw.
// Environment: GATEWAY, RPC, SECRET (base58 of a Solana keypair's 64 bytes), MODEL. Argument: which client.
import { createKeyPairSignerFromBytes, getBase58Encoder } from '@solana/kit';

const { GATEWAY, RPC, SECRET, MODEL } = process.env;
const url = `${GATEWAY}/v1/chat/completions`;
const request = (stream) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ model: MODEL, max_tokens: 32, temperature: 0, stream, messages: [{ role: 'user', content: 'hi' }] }),
});

async function v2Client() {
  const { x402Client } = await import('@x402/fetch');
  const { ExactSvmScheme } = await import('@x402/svm/exact/client');
  const signer = await createKeyPairSignerFromBytes(getBase58Encoder().encode(SECRET));
  return new x402Client().register('solana:*', new ExactSvmScheme(signer, { rpcUrl: RPC }));
}

async function v2Fetch() {
  const { wrapFetchWithPayment } = await import('@x402/fetch');
  return wrapFetchWithPayment(fetch, await v2Client());
}

async function v1Fetch() {
  const { wrapFetchWithPayment, createSigner } = await import('x402-fetch');
  const signer = await createSigner('solana-devnet', SECRET);
  return wrapFetchWithPayment(fetch, signer, undefined, undefined, { svmConfig: { rpcUrl: RPC } });
}

async function openai() {
  const { default: OpenAI } = await import('openai');
  return new OpenAI({ apiKey: 'none', baseURL: `${GATEWAY}/v1`, fetch: await v2Fetch(), maxRetries: 0 });
}

function settlement(response, header) {
  return JSON.parse(Buffer.from(response.headers.get(header), 'base64').toString('utf8'));
}

const clients = {
  async v2() {
    const response = await (await v2Fetch())(url, request(false));
    const body = await response.json();
    return { status: response.status, text: body.choices?.[0]?.message?.content, charge: body.nyxos?.charge, settlement: settlement(response, 'PAYMENT-RESPONSE') };
  },
  async named() {
    const { wrapFetchWithPayment } = await import('@x402/fetch');
    const { appendPaymentIdentifierToExtensions, generatePaymentId } = await import('@x402/extensions/payment-identifier');
    const id = generatePaymentId();
    const client = await v2Client();
    client.onBeforePaymentCreation(async ({ paymentRequired }) => {
      appendPaymentIdentifierToExtensions(paymentRequired.extensions ?? {}, id);
    });
    const paying = wrapFetchWithPayment(fetch, client);
    const answers = [];
    for (let i = 0; i < 2; i++) {
      const response = await paying(url, request(false));
      answers.push({ status: response.status, body: await response.text(), settlement: response.headers.get('PAYMENT-RESPONSE') });
    }
    return { first: answers[0], again: answers[1] };
  },
  async signed() {
    const { wrapFetchWithPayment } = await import('@x402/fetch');
    const extension = await import('@x402/extensions/offer-receipt');
    let required;
    const client = (await v2Client()).onBeforePaymentCreation(async (context) => { required = context.paymentRequired; });
    const response = await wrapFetchWithPayment(fetch, client)(url, request(false));
    const [offered] = extension.extractOffersFromPaymentRequired(required);
    const offer = await extension.verifyOfferSignatureJWS(offered);
    const given = extension.extractReceiptFromResponse(response);
    const receipt = await extension.verifyReceiptSignatureJWS(given);
    const { verificationMethod: [key] } = await (await fetch(`${GATEWAY}/.well-known/did.json`)).json();
    const streamed = await (await wrapFetchWithPayment(fetch, await v2Client())(url, request(true))).text();
    const last = JSON.parse(streamed.split('\n').filter((line) => line.includes('"nyxos"')).at(-1).slice('data: '.length));
    return {
      offer, accepted: extension.findAcceptsObjectFromSignedOffer(offered, required.accepts), receipt,
      matches: extension.verifyReceiptMatchesOffer(given, extension.decodeSignedOffers([offered])[0], [receipt.payer]),
      signer: extension.extractJWSHeader(offered.signature).kid, receiptSigner: extension.extractJWSHeader(given.signature).kid, published: `did:key:${key.publicKeyMultibase}`,
      settlement: settlement(response, 'PAYMENT-RESPONSE'), streamed: await extension.verifyReceiptSignatureJWS(last.nyxos.paymentReceipt),
      body: await extension.verifyOfferSignatureJWS((await (await fetch(url, request(false))).json()).extensions['offer-receipt'].info.offers[0]),
    };
  },
  async bazaar() {
    const { HTTPFacilitatorClient } = await import('@x402/core/http');
    const { declareDiscoveryExtension, withBazaar, validateDiscoveryExtension } = await import('@x402/extensions/bazaar');
    const facilitator = withBazaar(new HTTPFacilitatorClient({ url: `${GATEWAY}/facilitator` }));
    const supported = await facilitator.getSupported();
    const own = await facilitator.extensions.bazaar.listResources();
    const { feePayer } = supported.kinds[0].extra;
    const requirements = {
      scheme: 'exact', network: supported.kinds[0].network, amount: '1000', asset: supported.kinds[0].extra.assets[0], payTo: process.env.SELLER, maxTimeoutSeconds: 60,
      extra: { feePayer },
    };
    const sell = async (url, input) => {
      const declared = declareDiscoveryExtension({ method: 'GET', input, inputSchema: { properties: { city: { type: 'string' } }, required: ['city'] } });
      declared.bazaar.info.input.method = 'GET';
      const payload = await (await v2Client()).createPaymentPayload({ x402Version: 2, accepts: [requirements], resource: { url, description: 'Weather' }, extensions: declared });
      const answer = await fetch(`${GATEWAY}/facilitator/settle`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ x402Version: 2, paymentPayload: payload, paymentRequirements: requirements }),
      });
      const said = JSON.parse(Buffer.from(answer.headers.get('EXTENSION-RESPONSES'), 'base64').toString('utf8'));
      return { settled: (await answer.json()).success, said };
    };
    const listed = await sell('https://weather.example/now?city=here', { city: 'here' });
    const refused = await sell('https://weather.example/other', { town: 'there' });
    const found = await facilitator.extensions.bazaar.listResources({ payTo: process.env.SELLER, limit: 5 });
    const ownExtension = own.items[0].extensions.bazaar;
    return { extensions: supported.extensions, own, ownValid: validateDiscoveryExtension(ownExtension), listed, refused, found };
  },
  async purchases() {
    const { wrapFetchWithPayment } = await import('@x402/fetch');
    const { appendPaymentIdentifierToExtensions } = await import('@x402/extensions/payment-identifier');
    const { createSIWxClientExtension, wrapFetchWithSIWx } = await import('@x402/extensions/sign-in-with-x');
    const signer = await createKeyPairSignerFromBytes(getBase58Encoder().encode(SECRET));
    const client = (await v2Client()).registerExtension(createSIWxClientExtension({ signers: [signer] }));
    client.onBeforePaymentCreation(async ({ paymentRequired }) => { appendPaymentIdentifierToExtensions(paymentRequired.extensions); });
    let proof;
    const watched = (input, init) => {
      const asked = new Request(input, init);
      proof = asked.headers.get('SIGN-IN-WITH-X') ?? proof;
      return fetch(asked);
    };
    const paying = wrapFetchWithPayment(watched, client);
    const bought = await (await paying(url, request(false))).text();
    await (await wrapFetchWithPayment(fetch, await v2Client())(url, request(false))).text();
    const all = await (await paying(`${GATEWAY}/v1/purchases`)).json();
    const page = await (await paying(`${GATEWAY}/v1/purchases?limit=1`)).json();
    const rest = await (await paying(`${GATEWAY}/v1/purchases?limit=1&after=${page.after}`)).json();
    const { job } = JSON.parse(bought).nyxos;
    const reply = await paying(`${GATEWAY}/v1/purchases/${job}/reply`);
    const again = await fetch(`${GATEWAY}/v1/purchases/${job}/reply`, { headers: { 'SIGN-IN-WITH-X': proof } });
    const elsewhere = await fetch(`${GATEWAY}/v1/purchases`, { headers: { 'SIGN-IN-WITH-X': proof } });
    const stranger = await createKeyPairSignerFromBytes(getBase58Encoder().encode(process.env.OTHER));
    const other = wrapFetchWithPayment(fetch, (await v2Client()).registerExtension(createSIWxClientExtension({ signers: [stranger] })));
    const { job: unnamed } = all.purchases[0];
    return {
      wallet: signer.address, all, page, rest, bought, reply: await reply.text(), replayed: reply.headers.get('Idempotent-Replayed'),
      again: [again.status, (await again.json()).error.code], elsewhere: [elsewhere.status, (await elsewhere.json()).error.code],
      others: await (await other(`${GATEWAY}/v1/purchases`)).json(), othersReply: (await (await other(`${GATEWAY}/v1/purchases/${job}/reply`)).json()).error.code,
      unnamed: (await (await paying(`${GATEWAY}/v1/purchases/${unnamed}/reply`)).json()).error.code,
      unsigned: (await fetch(`${GATEWAY}/v1/purchases`)).status,
    };
  },
  async v1() {
    const response = await (await v1Fetch())(url, request(false));
    const body = await response.json();
    return { status: response.status, text: body.choices?.[0]?.message?.content, charge: body.nyxos?.charge, settlement: settlement(response, 'X-PAYMENT-RESPONSE') };
  },
  async openai() {
    const completion = await (await openai()).chat.completions.create({ model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'hi' }] });
    return { text: completion.choices[0].message.content, finish: completion.choices[0].finish_reason, usage: completion.usage };
  },
  async 'openai-stream'() {
    const stream = await (await openai()).chat.completions.create({
      model: MODEL, max_tokens: 32, stream: true, stream_options: { include_usage: true }, messages: [{ role: 'user', content: 'hi' }],
    });
    const pieces = [];
    let usage;
    let finish;
    for await (const chunk of stream) {
      const choice = chunk.choices[0];
      if (choice?.delta?.content) pieces.push(choice.delta.content);
      finish = choice?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    return { pieces, finish, usage };
  },
  async 'openai-parse'() {
    const { z } = await import('zod');
    const { zodResponseFormat } = await import('openai/helpers/zod');
    const client = await openai();
    const place = z.object({ city: z.string(), population: z.number() });
    const asked = { model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'hi' }], response_format: zodResponseFormat(place, 'place') };
    const completion = await client.chat.completions.parse(asked);
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    return { parsed: completion.choices[0].message.parsed, finish: completion.choices[0].finish_reason, streamed: streamed.choices[0].message.parsed };
  },
  async 'openai-tools'() {
    const { z } = await import('zod');
    const { zodFunction } = await import('openai/helpers/zod');
    const client = await openai();
    const asked = {
      model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'hi' }], tools: [zodFunction({ name: 'get_weather', description: 'of today', parameters: z.object({ city: z.string() }) })],
    };
    const completion = await client.chat.completions.parse(asked);
    const { message, finish_reason: finish } = completion.choices[0];
    const streamed = (await client.chat.completions.stream(asked).finalChatCompletion()).choices[0];
    const told = [...asked.messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'sun' }];
    const answer = await client.chat.completions.create({ ...asked, messages: told, tool_choice: 'none' });
    return {
      call: message.tool_calls[0], content: message.content, finish, streamed: streamed.message.tool_calls[0], streamedFinish: streamed.finish_reason, answer: answer.choices[0].message.content,
    };
  },
  async service() {
    const response = await (await v2Fetch())(`${GATEWAY}/v1/services/weather`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ city: 'Lisbon' }) });
    return { status: response.status, text: await response.text(), charge: settlement(response, 'Nyxos-Served').charge, settlement: settlement(response, 'PAYMENT-RESPONSE') };
  },
  async 'openai-embeddings'() {
    const client = await openai();
    const many = await client.embeddings.create({ model: process.env.VECTORS, input: ['hello world', 'world'] });
    const plain = await client.embeddings.create({ model: process.env.VECTORS, input: 'hello world', encoding_format: 'float' });
    const refused = await client.embeddings.create({ model: process.env.VECTORS, input: [1, 2] }).catch((error) => ({ status: error.status, param: error.param, code: error.code }));
    return { vectors: many.data.map((each) => Array.from(each.embedding)), usage: many.usage, plain: plain.data[0].embedding, refused };
  },
  async 'openai-choices'() {
    const client = await openai();
    const asked = { model: MODEL, max_tokens: 32, n: 2, messages: [{ role: 'user', content: 'hi' }] };
    const whole = await client.chat.completions.create({ ...asked, seed: 7 });
    const old = await client.completions.create({ model: MODEL, prompt: 'hi', max_tokens: 32, n: 2 });
    const gathered = await client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } }).finalChatCompletion();
    const said = (completion) => completion.choices.map((choice) => choice.message.content);
    return { whole: said(whole), old: old.choices.map((choice) => choice.text), gathered: said(gathered), usage: whole.usage, streamed: gathered.usage,
      finishes: gathered.choices.map((choice) => choice.finish_reason), counted: whole.nyxos.choices.map((choice) => choice.tokens) };
  },
  async 'openai-completion'() {
    const client = await openai();
    const whole = await client.completions.create({ model: MODEL, prompt: 'hi', max_tokens: 32 });
    const pieces = [];
    let usage;
    for await (const chunk of await client.completions.create({ model: MODEL, prompt: ['hi'], max_tokens: 32, stream: true, stream_options: { include_usage: true } })) {
      if (chunk.choices[0]?.text) pieces.push(chunk.choices[0].text);
      usage = chunk.usage ?? usage;
    }
    const error = await client.completions.create({ model: MODEL, prompt: 'hi', best_of: 3 }).catch((e) => ({ status: e.status, code: e.code, param: e.param }));
    return { id: whole.id, object: whole.object, text: whole.choices[0].text, finish: whole.choices[0].finish_reason, usage: whole.usage, pieces, streamed: usage, error };
  },
  async credits() {
    const { default: OpenAI } = await import('openai');
    const { address: wallet } = await createKeyPairSignerFromBytes(getBase58Encoder().encode(SECRET));
    const buy = async (paying, credits) => {
      const response = await paying(`${GATEWAY}/credits/buy`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ wallet, key: process.env.KEY_PUBLIC, credits }),
      });
      return { status: response.status, ...(await response.json()) };
    };
    const bought = await buy(await v2Fetch(), 2);
    const more = await buy(await v1Fetch(), 1);
    const client = new OpenAI({ apiKey: process.env.KEY, baseURL: `${GATEWAY}/v1`, maxRetries: 0 });
    const completion = await client.chat.completions.create({ model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'hi' }] });
    return { wallet, bought, more, text: completion.choices[0].message.content, charge: completion.nyxos.charge };
  },
  async 'openai-credits'() {
    const { default: OpenAI } = await import('openai');
    const client = new OpenAI({ apiKey: process.env.KEY, baseURL: `${GATEWAY}/v1`, maxRetries: 0 });
    const ask = (more) => client.chat.completions.create({ model: MODEL, max_tokens: 32, messages: [{ role: 'user', content: 'hi' }], ...more });
    const whole = await ask();
    const pieces = [];
    for await (const chunk of await ask({ stream: true })) {
      if (chunk.choices[0]?.delta?.content) pieces.push(chunk.choices[0].delta.content);
    }
    let served = 2;
    let error;
    while (!error) {
      await ask().then(() => { served += 1; }, (e) => { error = { name: e.constructor.name, status: e.status, code: e.code, type: e.type, message: e.message }; });
    }
    const wrong = await new OpenAI({ apiKey: `${process.env.KEY}x`, baseURL: `${GATEWAY}/v1`, maxRetries: 0 }).chat.completions
      .create({ model: MODEL, messages: [{ role: 'user', content: 'hi' }] }).catch((e) => ({ name: e.constructor.name, code: e.code }));
    return { text: whole.choices[0].message.content, charge: whole.nyxos.charge, pieces, served, error, wrong };
  },
  async 'openai-models'() {
    const list = await (await openai()).models.list();
    return { models: list.data.map((model) => model.id) };
  },
  async 'openai-error'() {
    const client = await openai();
    const errors = [];
    for (const more of [{ model: 'no-such-model' }, { n: 9 }, { temperature: 9 }, { logit_bias: { 5: 1 } }]) {
      const error = await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'hi' }], ...more }).catch((e) => e);
      errors.push({ name: error.constructor.name, status: error.status, code: error.code, param: error.param, type: error.type, id: error.requestID });
    }
    return { errors };
  },
  async openapi() {
    const { Validator } = await import('@seriousme/openapi-schema-validator');
    const document = await (await fetch(`${GATEWAY}/openapi.json`)).json();
    const validator = new Validator();
    const { valid, errors } = await validator.validate(document);
    return { valid, errors, version: validator.version, server: document.servers[0].url };
  },
  async mcp() {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const agent = new Client({ name: 'agent', version: '1' });
    await agent.connect(new StreamableHTTPClientTransport(new URL(`${GATEWAY}/mcp`)));
    const { tools } = await agent.listTools();
    const models = await agent.callTool({ name: 'list_models', arguments: {} });
    const call = { name: 'infer', arguments: { model: models.structuredContent.data[0].id, max_tokens: 32, temperature: 0.5, messages: [{ role: 'user', content: 'hi' }] } };
    const unpaid = await agent.callTool(call);
    const payment = await (await v2Client()).createPaymentPayload(unpaid.structuredContent);
    const paying = (more) => agent.callTool({ ...call, ...more, _meta: { 'x402/payment': payment } });
    const swapped = await paying({ arguments: { ...call.arguments, messages: [{ role: 'user', content: 'ho' }] } });
    const paid = await paying();
    const again = await paying();
    const { receipt, receiptSignature: signature } = paid.structuredContent.nyxos;
    const verified = await agent.callTool({ name: 'verify_receipt', arguments: { receipt, signature } });
    const bytes = Buffer.from(receipt, 'base64');
    bytes[bytes.length - 1] ^= 1;
    const forged = await agent.callTool({ name: 'verify_receipt', arguments: { receipt: bytes.toString('base64'), signature } });
    const refused = await agent.callTool({ name: 'infer', arguments: { ...call.arguments, n: 9 } });
    const streamed = await agent.callTool({ name: 'infer', arguments: { ...call.arguments, stream: true } });
    const server = agent.getServerVersion();
    await agent.close();
    return { server, tools, models, unpaid, swapped, paid, again, verified, forged, refused, streamed };
  },
  async facilitator() {
    const { HTTPFacilitatorClient } = await import('@x402/core/http');
    const facilitator = new HTTPFacilitatorClient({ url: `${GATEWAY}/facilitator` });
    const supported = await facilitator.getSupported();
    const { decodePaymentRequiredHeader } = await import('@x402/core/http');
    const challenge = decodePaymentRequiredHeader((await fetch(url, request(false))).headers.get('PAYMENT-REQUIRED'));
    const payload = await (await v2Client()).createPaymentPayload(challenge);
    const requirements = challenge.accepts[0];
    const verified = await facilitator.verify(payload, requirements);
    const settled = await facilitator.settle(payload, requirements);
    const again = await facilitator.settle(payload, requirements).catch((error) => ({ success: false, errorReason: error.errorReason ?? error.message }));
    return { kinds: supported.kinds.length, verified, settled, again };
  },
};

console.log(JSON.stringify(await clients[process.argv[2]]()));
process.exit(0);
