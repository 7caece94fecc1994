// The IDL in the hands of Solana's own tools: Codama's validator, and Anchor's `Program` with its coders, under both of its package names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as anchorLang from '@anchor-lang/core';
import { rootNodeFromAnchor } from '@codama/nodes-from-anchor';
import { getValidationItemsVisitor } from '@codama/validators';
import { visit } from '@codama/visitors';
import coralXyz from '@coral-xyz/anchor';
import { camel, camelFields, isCustom, program, type Plain } from './golden';

const EVENT_TAG = 'e445a52e51cb9a1d';
/** The room that Anchor's coders of accounts have. */
const ANCHORS_LARGEST = 1000;

/** A value of Anchor's coders as the vectors write it. */
function plain(value: any): Plain {
  switch (true) {
    case coralXyz.BN.isBN(value): return value.toString();
    case typeof value?.toBase58 === 'function': return value.toBase58();
    case value instanceof Uint8Array: return Buffer.from(value).toString('hex');
    case Array.isArray(value): return value.length > 0 && value.every(item => typeof item === 'number') ? Buffer.from(value).toString('hex') : value.map(plain);
    case value !== null && typeof value === 'object': return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
    default: return value;
  }
}

const first = (name: string) => camel(name).replace(/^./, letter => letter.toLowerCase());

for (const { name, idl, calls, events, accounts } of [program('registry'), program('escrow')]) {
  test(`${name}: Codama finds nothing wrong`, () => {
    const items = visit(rootNodeFromAnchor(idl as any), getValidationItemsVisitor());
    assert.deepEqual(items.filter(({ level }) => level === 'error' || level === 'warn'), []);
  });

  for (const [tool, anchor] of [['@coral-xyz/anchor', coralXyz], ['@anchor-lang/core', anchorLang]] as [string, any][]) {
    // Nothing is sent: the coders and the resolution of derived addresses need no chain.
    const { coder, methods } = new anchor.Program(idl, { connection: {} });

    test(`${name}: ${tool} reads and writes every account`, async () => {
      for (const { account, fields, data } of accounts) {
        const decoded = coder.accounts.decode(first(account), Buffer.from(data, 'hex'));
        assert.deepEqual(plain(decoded), camelFields(fields), account);
        // Anchor writes accounts of at most a thousand bytes, longer ones it only reads; programs alone write them anyway.
        if (data.length / 2 <= ANCHORS_LARGEST) {
          assert.equal((await coder.accounts.encode(first(account), decoded)).toString('hex'), data, account);
        }
      }
    });

    test(`${name}: ${tool} reads every event`, () => {
      for (const { event, fields, data } of events) {
        assert.ok(data.startsWith(EVENT_TAG));
        const decoded = coder.events.decode(Buffer.from(data.slice(EVENT_TAG.length), 'hex').toString('base64'));
        assert.equal(decoded?.name, first(event));
        assert.deepEqual(plain(decoded.data), camelFields(fields), event);
      }
    });

    test(`${name}: ${tool} reads every instruction, and makes it with the accounts that can be derived`, async () => {
      for (const { step, instruction, accounts: metas, arguments: args, data } of calls) {
        const declared = idl.instructions.find(({ name }) => name === instruction)!;
        // Anchor has no type for an argument of custom bytes: its users make the call without any and put them behind the discriminator.
        const custom = declared.args.some(arg => isCustom(idl, arg));
        const decoded = custom ? { name: camel(instruction), data: { unspent: { amounts: [] } } } : coder.instruction.decode(Buffer.from(data, 'hex'));
        assert.equal(decoded?.name, camel(instruction));
        const given = declared.accounts.flatMap((account, i) => account.pda || account.address ? [] : [[camel(account.name), new anchor.web3.PublicKey(metas[i].address)]]);
        const made = await methods[camel(instruction)](...declared.args.map(arg => decoded.data[camel(arg.name)])).accountsPartial(Object.fromEntries(given)).instruction();
        if (custom) {
          assert.equal(made.data.toString('hex', 0, 1), data.slice(0, 2), step);
        } else {
          assert.deepEqual(plain(decoded.data), camelFields(args), step);
          assert.equal(made.data.toString('hex'), data, step);
        }
        assert.equal(made.programId.toBase58(), idl.address);
        assert.deepEqual(made.keys.map((meta: any) => ({ address: meta.pubkey.toBase58(), signer: meta.isSigner, writable: meta.isWritable })),
          metas.slice(0, declared.accounts.length), step);
      }
    });
  }
}
