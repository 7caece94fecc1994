/// Payouts: claims that the relayer sends on payees' behalf, and watching what others have claimed.
package network.nyxos.relayer.payout;
