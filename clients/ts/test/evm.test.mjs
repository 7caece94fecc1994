// Solana wallets of EVM wallets; network.nyxos.cli.EvmWalletTest holds the same key to the same address.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit';
import { privateKeyToAccount } from 'viem/accounts';
import { evmTypedData, evmWallet } from '../dist/index.js';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const account = privateKeyToAccount(`0x${'46'.repeat(32)}`);
const address = async seed => (await createKeyPairSignerFromPrivateKeyBytes(seed)).address;
const refused = code => error => error.code === code;

test('the Solana wallet of an EVM wallet is always the same', async () => {
  assert.equal(account.address, '0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F');
  assert.equal(await address(await evmWallet(data => account.signTypedData(data))), 'FELtpBXa5cWttDwAomZADoAqh3qfxJGvYEpiduESsAYy');
  assert.notEqual(await address(await evmWallet(data => account.signTypedData(data), 1)), 'FELtpBXa5cWttDwAomZADoAqh3qfxJGvYEpiduESsAYy');
});

test('the higher form of a signature gives the same wallet', async () => {
  const low = await account.signTypedData(evmTypedData());
  const high = `${low.slice(0, 66)}${(ORDER - BigInt(`0x${low.slice(66, 130)}`)).toString(16).padStart(64, '0')}1c`;
  assert.equal(await address(await evmWallet(async () => high)), 'FELtpBXa5cWttDwAomZADoAqh3qfxJGvYEpiduESsAYy');
});

test('a wallet that signs differently each time gets none, nor does what is no signature', async () => {
  const others = [account, privateKeyToAccount(`0x${'47'.repeat(32)}`)];
  await assert.rejects(evmWallet(data => others.shift().signTypedData(data)), refused('signature_varies'));
  for (const wrong of ['0x12', 'signed', `0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`]) {
    await assert.rejects(evmWallet(async () => wrong), refused('signature_invalid'));
  }
});
