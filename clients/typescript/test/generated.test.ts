// The client that Codama makes of the IDL, against the bytes that the built programs accepted and wrote.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, createNoopSigner, isSignerRole, isWritableRole, type AccountMeta } from '@solana/kit';
import * as escrow from '../generated/escrow';
import { decodeNyxosEscrowEvent } from '../generated/escrow/events';
import * as registry from '../generated/registry';
import { decodeNyxosRegistryEvent } from '../generated/registry/events';
import { decodeLeb128, encodeLeb128 } from '../leb128';
import { camel, camelFields, pascal, program, untold, type Plain } from './golden';

const clients = {
  registry: { exports: registry as Record<string, any>, decodeEvent: decodeNyxosRegistryEvent },
  escrow: { exports: escrow as Record<string, any>, decodeEvent: decodeNyxosEscrowEvent },
};

/** A decoded value as the vectors write it. */
function plain(value: unknown): Plain {
  switch (true) {
    case typeof value === 'bigint': return value.toString();
    case value instanceof Uint8Array: return Buffer.from(value).toString('hex');
    case Array.isArray(value): return value.map(plain);
    case value !== null && typeof value === 'object': return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
    default: return value as Plain;
  }
}

/** Arguments of the vectors as the generated functions take them; `shape` is a decoded value of the same type. */
function like(shape: any, value: any): any {
  switch (true) {
    case typeof shape === 'bigint': return BigInt(value);
    case shape instanceof Uint8Array && Array.isArray(value.amounts): return encodeLeb128(value.amounts.map(BigInt));
    case shape instanceof Uint8Array: return bytes(value);
    case Array.isArray(shape): return value.map((item: any, i: number) => like(shape[i], item));
    case shape !== null && typeof shape === 'object': return Object.fromEntries(Object.entries(shape).map(([name, inner]) => [name, like(inner, value[name])]));
    default: return value;
  }
}

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data: ArrayLike<number>) => Buffer.from(Uint8Array.from(data)).toString('hex');

for (const { name, idl, calls, events, accounts } of [program('registry'), program('escrow')]) {
  const { exports: client, decodeEvent } = clients[name];

  test(`${name}: every account is read, and written as the program writes it`, () => {
    assert.deepEqual(untold(idl.accounts, accounts.map(({ account }) => account)), [], 'accounts without a vector');
    for (const { account, fields, data } of accounts) {
      const codec = (client[`get${account}Codec`] ?? client[`get${account}AccountCodec`])();
      const decoded = codec.decode(bytes(data));
      const { discriminator, ...rest } = decoded;
      assert.deepEqual(plain(rest), camelFields(fields), account);
      assert.equal(hex(codec.encode(decoded)), data, account);
    }
  });

  test(`${name}: every event is read and written`, () => {
    assert.deepEqual(untold(idl.events, events.map(({ event }) => event)), [], 'events without a vector');
    for (const { event, fields, data } of events) {
      const decoded = decodeEvent(bytes(data));
      assert.equal(decoded?.name, event);
      assert.deepEqual(plain(decoded!.fields), camelFields(fields), event);
      assert.equal(hex(client[`get${event}EventEncoder`]().encode(decoded!.fields)), data, event);
    }
    assert.equal(decodeEvent(bytes(calls[0].data)), undefined);
  });

  test(`${name}: every instruction is made as the program accepted it, with the accounts that can be derived`, async () => {
    assert.deepEqual(untold(idl.instructions, calls.map(({ instruction }) => instruction)), [], 'instructions without a vector');
    for (const { step, instruction, accounts: metas, arguments: args, data } of calls) {
      const declared = idl.instructions.find(({ name }) => name === instruction)!;
      const { discriminator, ...shape } = client[`get${pascal(instruction)}InstructionDataDecoder`]().decode(bytes(data));
      const given = declared.accounts.flatMap((account, i) => account.pda || account.address || account.name === 'program' ? []
        : [[camel(account.name), metas[i].signer ? createNoopSigner(address(metas[i].address)) : address(metas[i].address)]]);
      const make = client[`get${pascal(instruction)}InstructionAsync`] ?? client[`get${pascal(instruction)}Instruction`];
      // An argument that is named like an account is told from it by its ending.
      const named = Object.entries(like(shape, camelFields(args))).map(([name, value]) =>
        [declared.accounts.some(account => camel(account.name) === name) ? `${name}Arg` : name, value]);
      const made = await make({ ...Object.fromEntries(given), ...Object.fromEntries(named) });
      assert.equal(made.programAddress, idl.address, step);
      assert.equal(hex(made.data), data, step);
      assert.deepEqual(made.accounts.map((meta: AccountMeta) => ({ address: meta.address, signer: isSignerRole(meta.role), writable: isWritableRole(meta.role) })),
        metas.slice(0, declared.accounts.length), step);
    }
  });

  test(`${name}: every error has its message`, () => {
    for (const { name: error, code, msg } of idl.errors) {
      assert.equal(client[`getNyxos${pascal(name)}ErrorMessage`](code), msg, error);
    }
  });
}

test('numbers of any size are written in their shortest form, and nothing else is read', () => {
  const numbers = [0n, 1n, 127n, 128n, 300n, 16_384n, (1n << 63n) - 1n, (1n << 64n) - 1n];
  assert.deepEqual(decodeLeb128(encodeLeb128(numbers)), numbers);
  assert.equal(hex(encodeLeb128([300n, 0n])), 'ac0200');
  assert.throws(() => encodeLeb128([1n << 64n]), /no u64/);
  assert.throws(() => decodeLeb128([0x80]), /cut off/);
  assert.throws(() => decodeLeb128([0x80, 0]), /shortest/);
  assert.throws(() => decodeLeb128([...Array(9).fill(0xff), 2]), /not a u64/);
});
