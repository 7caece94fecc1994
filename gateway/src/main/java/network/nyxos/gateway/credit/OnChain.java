package network.nyxos.gateway.credit;

import network.nyxos.escrow.program.escrow.Escrow;

/// An account as the chain has it.
///
/// @param escrow the escrow
/// @param open   whether it is not on its way out
/// @param inbox  base units that were transferred and not counted yet
/// @param slot   as of which both were read
public record OnChain(Escrow escrow, boolean open, long inbox, long slot) {
}
