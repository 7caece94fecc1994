/// What a job costs and who gets it, in integer base units of one mint. Nothing here rounds in silence and nothing overflows.
package network.nyxos.escrow.money;
