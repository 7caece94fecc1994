/// Generated bindings of the escrow program, and what of them no generator can know.
package network.nyxos.escrow.program.escrow;
