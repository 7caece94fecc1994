/// Vouchers: what a payer signs off chain against its escrow, and how a request is bound to one.
package network.nyxos.escrow.voucher;
