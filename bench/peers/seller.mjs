// A seller of chat completions made with the reference middleware, in front of a model server: what one writes who follows its README.
// In the environment: FACILITATOR, NETWORK, MINT, PAY_TO, AMOUNT (base units), MODEL_SERVER. Says its port as JSON when it is ready.
import { paymentMiddleware, x402ResourceServer } from '@x402/express';
import { HTTPFacilitatorClient } from '@x402/core/server';
import { ExactSvmScheme } from '@x402/svm/exact/server';
import express from 'express';

const { FACILITATOR, NETWORK, MINT, PAY_TO, AMOUNT, MODEL_SERVER } = process.env;
const server = new x402ResourceServer(new HTTPFacilitatorClient({ url: FACILITATOR })).register(NETWORK, new ExactSvmScheme());
const price = { asset: MINT, amount: AMOUNT };
await server.initialize();

const app = express();
app.use(paymentMiddleware({ 'POST /v1/chat/completions': { accepts: { scheme: 'exact', price, network: NETWORK, payTo: PAY_TO }, description: 'A chat completion', mimeType: 'application/json' } },
  server, undefined, undefined, false));
app.use(express.json());
app.post('/v1/chat/completions', async (request, response) => {
  const answer = await fetch(`${MODEL_SERVER}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) });
  response.status(answer.status).type('json').send(Buffer.from(await answer.arrayBuffer()));
});
const listening = app.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: listening.address().port })));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
