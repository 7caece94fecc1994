// Seals what another implementation opens, and opens what it sealed. One JSON object in (argument 2), one out.
import { seal } from '../dist/seal.js';
import { hpkeOf, sealingId, sealingKey } from '../dist/sealing.js';

const bytes = text => new Uint8Array(Buffer.from(text, 'base64'));
const u32 = value => { const all = Buffer.alloc(4); all.writeUInt32LE(value); return all; };
const asked = JSON.parse(process.argv[3]);

const doing = {
  async seal({ key, node, model, maxOutput, sampler, text }) {
    const { encapsulation, ciphertext } = await seal(sealingKey(key, 'the key'), { node: bytes(node), model: bytes(model), maxOutput, sampler }, [{ role: 'user', content: text }], []);
    return { encapsulation: Buffer.from(encapsulation).toString('base64'), ciphertext: Buffer.from(ciphertext).toString('base64') };
  },
  async open({ key, secret, encapsulation, ciphertext, node, model, maxOutput, sampler }) {
    const suite = hpkeOf(key.suite);
    const info = Buffer.concat([Buffer.from('nyxos:prompt:v1'), await sealingId(sealingKey(key, 'the key'))]);
    const context = await suite.createRecipientContext({ recipientKey: await suite.kem.deserializePrivateKey(bytes(secret)), enc: bytes(encapsulation), info });
    const { temperatureMicro, topPMicro, topK } = sampler;
    const terms = Buffer.concat([Buffer.from('nyxos:prompt-terms:v1'), bytes(node), bytes(model), ...[maxOutput, temperatureMicro, topPMicro, topK].map(u32)]);
    return JSON.parse(Buffer.from(await context.open(bytes(ciphertext), terms)).toString());
  },
};

console.log(JSON.stringify(await doing[process.argv[2]](asked)));
