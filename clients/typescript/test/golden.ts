// The IDLs and the vectors of `onchain/artifacts/golden.json`: what the built programs accepted and wrote.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Plain values as the vectors write them: numbers up to 32 bits, text for larger ones and addresses, hex for bytes. */
export type Plain = string | number | boolean | null | Plain[] | { [name: string]: Plain };

type Item = { name: string };
type Field = Item & { type: unknown };
type Account = Item & { pda?: unknown; address?: string; optional?: boolean };

/** An IDL, as far as the tests look into it. */
export type Idl = {
  address: string;
  metadata: { name: string };
  instructions: (Item & { accounts: Account[]; args: Field[] })[];
  accounts: Item[];
  events: Item[];
  errors: (Item & { code: number; msg: string })[];
  types: (Item & { serialization?: { custom?: string } })[];
};

type Meta = { address: string; signer: boolean; writable: boolean };
type Call = { step: string; instruction: string; program: string; accounts: Meta[]; arguments: { [name: string]: Plain }; data: string };
type Event = { event: string; program: string; fields: { [name: string]: Plain }; data: string };
type State = { account: string; program: string; fields: { [name: string]: Plain }; data: string };

const onchain = process.env.ONCHAIN!;
const read = (name: string) => JSON.parse(readFileSync(join(onchain, name), 'utf8'));
const golden: { instructions: Call[]; events: Event[]; accounts: State[] } = read('artifacts/golden.json');

/** A program's IDL with the vectors that are its own. */
export function program(name: 'registry' | 'escrow') {
  const idl: Idl = read(`idl/${name}.json`);
  const own = <T extends { program: string }>(list: T[]) => list.filter(({ program }) => program === idl.address);
  return { name, idl, calls: own(golden.instructions), events: own(golden.events), accounts: own(golden.accounts) };
}

/** Whether an argument's bytes are made in a way of its own, for which the tools have no type. */
export function isCustom(idl: Idl, { type }: Field): boolean {
  const name = (type as { defined?: Item }).defined?.name;
  return idl.types.some(type => type.name === name && type.serialization?.custom !== undefined);
}

/** `rent_payer` becomes `rentPayer`. */
export const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** `open_escrow` becomes `OpenEscrow`. */
export const pascal = (name: string) => camel(name).replace(/^./, letter => letter.toUpperCase());

/** The same value with every field's name as JavaScript writes it. */
export function camelFields(value: Plain): Plain {
  if (Array.isArray(value)) {
    return value.map(camelFields);
  }
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), camelFields(inner)])) : value;
}

/** Those among the names that no vector is of: what the story in `onchain/tests/src/story.rs` must still be made to tell. */
export function untold(declared: Item[], told: string[]): string[] {
  return declared.map(({ name }) => name).filter(name => !told.includes(name));
}
