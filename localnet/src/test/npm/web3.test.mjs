// The local chain through @solana/web3.js, the library most clients still stand on.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  AddressLookupTableProgram, Connection, Keypair, LAMPORTS_PER_SOL, PublicKey, sendAndConfirmTransaction,
  SendTransactionError, SystemProgram, Transaction, TransactionMessage, VersionedTransaction,
} from '@solana/web3.js';

const connection = new Connection(process.env.RPC_URL, { commitment: 'confirmed', wsEndpoint: process.env.WS_URL });
const alice = Keypair.generate();

before(async () => {
  const signature = await connection.requestAirdrop(alice.publicKey, 10 * LAMPORTS_PER_SOL);
  await connection.confirmTransaction({ signature, ...(await connection.getLatestBlockhash()) });
});

function transfer(to, lamports = LAMPORTS_PER_SOL) {
  return SystemProgram.transfer({ fromPubkey: alice.publicKey, toPubkey: to, lamports });
}

async function untilSlotAfter(slot) {
  while (await connection.getSlot() <= slot) {
    await new Promise(resolve => { setTimeout(resolve, 20); });
  }
}

test('a transfer is sent, confirmed over the subscription and read back', async () => {
  const bob = Keypair.generate().publicKey;
  const signature = await sendAndConfirmTransaction(connection, new Transaction().add(transfer(bob)), [alice]);

  assert.equal(await connection.getBalance(bob), LAMPORTS_PER_SOL);
  const parsed = await connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
  assert.equal(parsed.transaction.message.instructions[0].parsed.info.destination, bob.toBase58());
  const [listed] = await connection.getSignaturesForAddress(bob);
  assert.equal(listed.signature, signature);
  const { value: [status] } = await connection.getSignatureStatuses([signature]);
  assert.ok(['confirmed', 'finalized'].includes(status.confirmationStatus));
});

test('a failing transaction throws with its logs', async () => {
  await assert.rejects(
    sendAndConfirmTransaction(connection, new Transaction().add(transfer(Keypair.generate().publicKey, 50 * LAMPORTS_PER_SOL)), [alice]),
    error => error instanceof SendTransactionError && error.logs.some(line => line.includes('insufficient lamports')));
});

test('a versioned transaction goes through a lookup table', async () => {
  const bob = Keypair.generate().publicKey;
  const recentSlot = await connection.getSlot('finalized');
  await untilSlotAfter(recentSlot);
  const [create, table] = AddressLookupTableProgram.createLookupTable({ authority: alice.publicKey, payer: alice.publicKey, recentSlot });
  const extend = AddressLookupTableProgram.extendLookupTable({
    lookupTable: table, authority: alice.publicKey, payer: alice.publicKey, addresses: [bob],
  });
  await sendAndConfirmTransaction(connection, new Transaction().add(create, extend), [alice]);
  await untilSlotAfter(await connection.getSlot());
  const { value: lookup } = await connection.getAddressLookupTable(table);

  const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash();
  const transaction = new VersionedTransaction(new TransactionMessage({
    payerKey: alice.publicKey, recentBlockhash: blockhash, instructions: [transfer(bob)],
  }).compileToV0Message([lookup]));
  transaction.sign([alice]);
  const signature = await connection.sendTransaction(transaction);
  await connection.confirmTransaction({ signature, blockhash, lastValidBlockHeight });

  assert.equal(await connection.getBalance(bob), LAMPORTS_PER_SOL);
  const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  assert.deepEqual(found.meta.loadedAddresses.writable, [bob]);
});

test('logs are told while they are listened for', async () => {
  const bob = Keypair.generate().publicKey;
  const told = new Promise(resolve => { connection.onLogs(bob, resolve, 'confirmed'); });
  // The subscription is made in the background: a change is made until one is told.
  let logs;
  told.then(value => { logs = value; });
  while (!logs) {
    await sendAndConfirmTransaction(connection, new Transaction().add(transfer(bob, 10_000_000)), [alice]);
  }
  assert.equal(logs.err, null);
});

test('simulation and program accounts are typed as web3.js expects', async () => {
  const transaction = new VersionedTransaction(new TransactionMessage({
    payerKey: alice.publicKey, recentBlockhash: PublicKey.default.toBase58(), instructions: [transfer(Keypair.generate().publicKey)],
  }).compileToV0Message());
  const { value } = await connection.simulateTransaction(transaction, { replaceRecentBlockhash: true });
  assert.equal(value.err, null);
  const tokens = await connection.getParsedProgramAccounts(
    new PublicKey('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'), { filters: [{ dataSize: 82 }] });
  assert.ok(tokens.some(({ pubkey }) => pubkey.toBase58() === 'So11111111111111111111111111111111111111112'));
  const version = await connection.getVersion();
  assert.match(version['solana-core'], /^\d+\.\d+\.\d+$/);
  const block = await connection.getBlock(await connection.getSlot('finalized'), { maxSupportedTransactionVersion: 0 });
  assert.ok(block.blockhash);
});
