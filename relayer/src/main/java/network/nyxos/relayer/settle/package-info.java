/// Settling vouchers on chain, so that what a batch credits is in the pool before it is proposed.
package network.nyxos.relayer.settle;
