/// Who asks: wallets that sign in (x402's `sign-in-with-x`). Pure.
package network.nyxos.gateway.account;
