// The local chain through @solana/kit: a transfer sent and confirmed over its own subscriptions, read back
// typed, and the errors it makes of what the chain refuses.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  AccountRole, address, airdropFactory, appendTransactionMessageInstructions, createSolanaRpc,
  createSolanaRpcSubscriptions, createTransactionMessage, generateKeyPairSigner, getBase64EncodedWireTransaction,
  getSignatureFromTransaction, isSolanaError, lamports, pipe, sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner, setTransactionMessageLifetimeUsingBlockhash, signTransactionMessageWithSigners,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
} from '@solana/kit';

const SOL = 1_000_000_000n;
const SYSTEM = address('11111111111111111111111111111111');
const TOKEN = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const NATIVE_MINT = address('So11111111111111111111111111111111111111112');
const commitment = 'confirmed';

const rpc = createSolanaRpc(process.env.RPC_URL);
const rpcSubscriptions = createSolanaRpcSubscriptions(process.env.WS_URL);
const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions });
let alice;

before(async () => {
  alice = await generateKeyPairSigner();
  await airdropFactory({ rpc, rpcSubscriptions })({
    commitment, lamports: lamports(10n * SOL), recipientAddress: alice.address,
  });
});

function transfer(to, amount) {
  const data = new Uint8Array(12);
  const view = new DataView(data.buffer);
  view.setUint32(0, 2, true);
  view.setBigUint64(4, amount, true);
  return {
    programAddress: SYSTEM,
    accounts: [
      { address: alice.address, role: AccountRole.WRITABLE_SIGNER, signer: alice },
      { address: to, role: AccountRole.WRITABLE },
    ],
    data,
  };
}

async function signed(version, ...instructions) {
  const { value: blockhash } = await rpc.getLatestBlockhash({ commitment }).send();
  return signTransactionMessageWithSigners(pipe(
    createTransactionMessage({ version }),
    message => setTransactionMessageFeePayerSigner(alice, message),
    message => setTransactionMessageLifetimeUsingBlockhash(blockhash, message),
    message => appendTransactionMessageInstructions(instructions, message),
  ));
}

for (const version of ['legacy', 0]) {
  test(`a ${version} transfer is confirmed over the subscription and read back`, async () => {
    const bob = (await generateKeyPairSigner()).address;
    const transaction = await signed(version, transfer(bob, SOL));
    await sendAndConfirm(transaction, { commitment });

    assert.equal((await rpc.getBalance(bob, { commitment }).send()).value, SOL);
    const found = await rpc.getTransaction(getSignatureFromTransaction(transaction), {
      commitment, encoding: 'jsonParsed', maxSupportedTransactionVersion: 0,
    }).send();
    assert.equal(found.version, version);
    assert.equal(found.meta.fee, 5000n);
    assert.equal(found.transaction.message.instructions[0].parsed.info.lamports, SOL);
  });
}

test('the chain takes itself for devnet', async () => {
  assert.equal(await rpc.getGenesisHash().send(), 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG');
});

test('a failing transaction is refused with its cause and logs', async () => {
  const bob = (await generateKeyPairSigner()).address;
  const transaction = await signed(0, transfer(bob, 50n * SOL));
  await assert.rejects(
    rpc.sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64', preflightCommitment: commitment }).send(),
    error => {
      assert.ok(isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE));
      assert.ok(error.context.logs.some(line => line.includes('insufficient lamports')));
      return true;
    });
});

test('accounts, fees, slots and rent are read', async () => {
  const mint = await rpc.getAccountInfo(NATIVE_MINT, { encoding: 'jsonParsed', commitment }).send();
  assert.equal(mint.value.owner, TOKEN);
  assert.equal(mint.value.data.parsed.info.decimals, 9);
  assert.equal(await rpc.getMinimumBalanceForRentExemption(0n).send(), 890880n);
  assert.ok((await rpc.getSlot({ commitment }).send()) > 0n);
  assert.ok((await rpc.getEpochInfo({ commitment }).send()).absoluteSlot > 0n);
  assert.ok((await rpc.getRecentPrioritizationFees().send()).every(({ prioritizationFee }) => prioritizationFee === 0n));
});

test('an account subscription tells of a change', async () => {
  const bob = (await generateKeyPairSigner()).address;
  const abort = new AbortController();
  const changes = await rpcSubscriptions.accountNotifications(bob, { commitment, encoding: 'base64' })
    .subscribe({ abortSignal: abort.signal });
  const first = changes[Symbol.asyncIterator]().next();
  await sendAndConfirm(await signed(0, transfer(bob, SOL)), { commitment });
  assert.equal((await first).value.value.lamports, SOL);
  abort.abort();
});
