/// The form that a reply must have, as an assignment says it: {@link network.nyxos.escrow.format.Format} is the text, read strictly;
/// {@link network.nyxos.escrow.format.Grammar} what it means, byte by byte; {@link network.nyxos.escrow.format.Recogniser} follows a reply. Gateways refuse what cannot be
/// held to before it is paid for and check what comes back; engines let no other token through. The rules are in `docs/engine-nyx-int8-v1.md`, "Forms".
package network.nyxos.escrow.format;
