/// The token programs, the system program and the other built-in programs, as far as Nyxos calls them.
package network.nyxos.escrow.token;
