// Writes a TypeScript client of each program from its IDL, with Codama:
//   node generate.mjs IDL_FOLDER OUT_FOLDER [registry=ADDRESS] [escrow=ADDRESS]
// The addresses are those of the cluster to talk to; without them, the IDL's.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bytesTypeNode, bytesValueNode, constantValueNode, definedTypeNode, fixedSizeTypeNode, hiddenPrefixTypeNode, instructionArgumentNode, programIdValueNode } from '@codama/nodes';
import { rootNodeFromAnchor } from '@codama/nodes-from-anchor';
import { renderVisitor } from '@codama/renderers-js';
import { setInstructionAccountDefaultValuesVisitor, updateAccountsVisitor, visit } from '@codama/visitors';

/** What the data of an event's self-call starts with. */
const EVENT_TAG = constantValueNode(fixedSizeTypeNode(bytesTypeNode(), 8), bytesValueNode('base16', 'e445a52e51cb9a1d'));

const upper = name => name[0].toUpperCase() + name.slice(1);

/** With plain bytes, which the caller makes, in place of arguments whose type has a serialization of its own; they are their instructions' last. */
function withCustomBytes(idl, root) {
  const custom = new Set((idl.types ?? []).filter(({ serialization }) => serialization?.custom).map(({ name }) => name));
  const instructions = root.program.instructions.map((instruction, i) => {
    const named = idl.instructions[i].args.find(({ type }) => custom.has(type.defined?.name));
    return named === undefined ? instruction : {
      ...instruction,
      // The first of Codama's arguments is the discriminator, and a struct's fields stand in the place of the struct, whatever its serialization.
      arguments: [...instruction.arguments.slice(0, idl.instructions[i].args.indexOf(named) + 1), instructionArgumentNode({ name: named.name, type: bytesTypeNode() })],
    };
  });
  const types = (root.program.definedTypes ?? []).filter(({ name }) => ![...custom].some(own => own.toLowerCase() === name.toLowerCase()));
  return { ...root, program: { ...root.program, instructions, definedTypes: types } };
}

/** Codama's tree of an IDL, with the program's address on the cluster. */
export function rootOf(idl, address = idl.address) {
  const root = withCustomBytes(idl, rootNodeFromAnchor({ ...idl, address }));
  const program = root.program;
  // Codama renders no events: each becomes a type whose codec writes and checks tag and discriminator.
  const events = (program.events ?? []).map(({ name, docs, data }) =>
    definedTypeNode({ name: `${name}Event`, docs, type: hiddenPrefixTypeNode(data.type, [EVENT_TAG, ...data.prefix]) }));
  let extended = { ...root, program: { ...program, definedTypes: [...(program.definedTypes ?? []), ...events] } };
  // An account named like an instruction would export the same names as that.
  const instructions = new Set(program.instructions.map(({ name }) => name));
  const renamed = program.accounts.filter(({ name }) => instructions.has(name)).map(({ name }) => [name, { name: `${name}Account` }]);
  extended = visit(extended, updateAccountsVisitor(Object.fromEntries(renamed)));
  return visit(extended, setInstructionAccountDefaultValuesVisitor([{ account: 'program', defaultValue: programIdValueNode() }]));
}

/** The source of a function that tells which event an inner instruction's data is. */
function eventsSource(root) {
  const program = upper(root.program.name);
  const events = (root.program.events ?? []).map(({ name }) => upper(name));
  return `// Generated from the IDL of ${root.program.name}; do not edit.
import { containsBytes, type ReadonlyUint8Array } from '@solana/kit';
import { ${events.map(name => `get${name}EventDecoder, type ${name}Event`).join(', ')} } from './types';

const TAG = new Uint8Array([${Buffer.from(EVENT_TAG.value.data, 'hex').join(', ')}]);

/** An event of the program with its name. */
export type ${program}Event =
${events.map(name => `  | { name: '${name}'; fields: ${name}Event }`).join('\n')};

/** Reads the data of an inner instruction by which the program calls itself; undefined when it is no event. */
export function decode${program}Event(data: ReadonlyUint8Array): ${program}Event | undefined {
  if (!containsBytes(data, TAG, 0)) {
    return undefined;
  }
  switch (data[TAG.length]) {
${(root.program.events ?? []).map(({ name, data }) => `    case ${parseInt(data.prefix[0].value.data, 16)}: return { name: '${upper(name)}', fields: get${upper(name)}EventDecoder().decode(data) };`).join('\n')}
    default: throw new Error(\`unknown event \${data[TAG.length]} of ${root.program.name}\`);
  }
}
`;
}

async function main([idls, out, ...addresses]) {
  const given = new Map(addresses.map(text => text.split('=', 2)));
  for (const file of readdirSync(idls).filter(name => name.endsWith('.json')).sort()) {
    const name = file.slice(0, -'.json'.length);
    const root = rootOf(JSON.parse(readFileSync(join(idls, file), 'utf8')), given.get(name));
    const folder = join(out, name);
    mkdirSync(folder, { recursive: true });
    await visit(root, renderVisitor(folder, { deleteFolderBeforeRendering: true, formatCode: false }));
    writeFileSync(join(folder, 'events.ts'), eventsSource(root));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2));
}
