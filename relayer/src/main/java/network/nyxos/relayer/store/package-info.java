/// PostgreSQL behind the ports of the domain packages. Plain SQL; every public method is one transaction.
package network.nyxos.relayer.store;
