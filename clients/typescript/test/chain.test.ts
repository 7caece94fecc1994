// The generated client on a running chain: a payer opens an escrow, reads it back, and finds the event and the error that the program gives.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  address, appendTransactionMessageInstructions, createKeyPairSignerFromPrivateKeyBytes, createSolanaRpc, createSolanaRpcSubscriptions, createTransactionMessage,
  generateKeyPairSigner, getAddressEncoder, getBase58Encoder, getProgramDerivedAddress, getSignatureFromTransaction, pipe, sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner, setTransactionMessageLifetimeUsingBlockhash, signTransactionMessageWithSigners, type Address, type Instruction,
  type KeyPairSigner, type Signature,
} from '@solana/kit';
import {
  fetchEscrow, fetchPool, findPoolPda, getNyxosEscrowErrorMessage, getOpenEscrowInstructionAsync, isNyxosEscrowError,
  NYXOS_ESCROW_ERROR__OPEN_SLOT_OUT_OF_RANGE, NYXOS_ESCROW_PROGRAM_ADDRESS,
} from '../generated/escrow';
import { decodeNyxosEscrowEvent } from '../generated/escrow/events';

const commitment = 'confirmed';
const TOKEN_PROGRAM = address(process.env.TOKEN_PROGRAM!);
const market = address(process.env.MARKET!);
const mint = address(process.env.MINT!);
const rpc = createSolanaRpc(process.env.RPC_URL!);
const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions: createSolanaRpcSubscriptions(process.env.WS_URL!) });
let payer: KeyPairSigner;
let session: KeyPairSigner;

before(async () => {
  payer = await createKeyPairSignerFromPrivateKeyBytes(Uint8Array.from(Buffer.from(process.env.PAYER_SEED!, 'hex')));
  session = await generateKeyPairSigner();
});

async function tokenAccount(owner: Address) {
  const seeds = [owner, TOKEN_PROGRAM, mint].map(key => getAddressEncoder().encode(key));
  return (await getProgramDerivedAddress({ programAddress: address('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'), seeds }))[0];
}

async function open(openSlot: bigint, amount: bigint) {
  return getOpenEscrowInstructionAsync({
    rentPayer: payer, payer, market, mint, payerToken: await tokenAccount(payer.address), tokenProgram: TOKEN_PROGRAM,
    openSlot, sessionKey: session.address, sessionExpires: 0n, sessionLimit: 5_000n, amount,
  });
}

async function message(instruction: Instruction) {
  const { value: blockhash } = await rpc.getLatestBlockhash({ commitment }).send();
  return pipe(
    createTransactionMessage({ version: 0 }),
    message => setTransactionMessageFeePayerSigner(payer, message),
    message => setTransactionMessageLifetimeUsingBlockhash(blockhash, message),
    message => appendTransactionMessageInstructions([instruction], message),
  );
}

/** The events of the program that a transaction made, in order. */
async function eventsOf(signature: Signature) {
  const found = await rpc.getTransaction(signature, { commitment, encoding: 'json', maxSupportedTransactionVersion: 0 }).send();
  assert.ok(found?.meta);
  const keys = found.transaction.message.accountKeys;
  return (found.meta.innerInstructions ?? []).flatMap(({ instructions }) => instructions)
    .filter(({ programIdIndex }) => keys[programIdIndex] === NYXOS_ESCROW_PROGRAM_ADDRESS)
    .flatMap(({ data }) => decodeNyxosEscrowEvent(getBase58Encoder().encode(data)) ?? []);
}

test('an escrow is opened, read back, and told of by an event', async () => {
  const [pool] = await findPoolPda({ market, mint });
  const before = await fetchPool(rpc, pool, { commitment });
  const openSlot = await rpc.getSlot({ commitment }).send();
  const instruction = await open(openSlot, 7_000n);
  const escrow = instruction.accounts[4].address;
  const transaction = await signTransactionMessageWithSigners(await message(instruction));
  await sendAndConfirm(transaction as Parameters<typeof sendAndConfirm>[0], { commitment });

  const { data } = await fetchEscrow(rpc, escrow, { commitment });
  assert.deepEqual(
    [data.version, data.state, data.market, data.payer, data.mint, data.sessionKey, data.rentPayer, data.deposited, data.settled, data.openSlot, data.sessionLimit],
    [1, 1, market, payer.address, mint, session.address, payer.address, 7_000n, 0n, openSlot, 5_000n]);
  assert.equal((await fetchPool(rpc, pool, { commitment })).data.deposited - before.data.deposited, 7_000n);

  const [event, ...more] = await eventsOf(getSignatureFromTransaction(transaction));
  assert.deepEqual(more, []);
  assert.ok(event.name === 'EscrowOpened', event.name);
  assert.deepEqual([event.fields.escrow, event.fields.market, event.fields.payer, event.fields.sessionKey, event.fields.openSlot, event.fields.amount],
    [escrow, market, payer.address, session.address, openSlot, 7_000n]);
  console.log(`opened ${escrow}`);
});

test('a refusal is the named error of the program', async () => {
  const refused = await message(await open(await rpc.getSlot({ commitment }).send() + 1_000_000n, 1n));
  const transaction = await signTransactionMessageWithSigners(refused);
  await assert.rejects(sendAndConfirm(transaction as Parameters<typeof sendAndConfirm>[0], { commitment }), (error: Error) => {
    assert.ok(isNyxosEscrowError(error.cause, refused, NYXOS_ESCROW_ERROR__OPEN_SLOT_OUT_OF_RANGE));
    assert.match(getNyxosEscrowErrorMessage(NYXOS_ESCROW_ERROR__OPEN_SLOT_OUT_OF_RANGE), /opening slot/);
    return true;
  });
});
