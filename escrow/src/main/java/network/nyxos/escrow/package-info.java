/** Nyxos escrow. */
package network.nyxos.escrow;
