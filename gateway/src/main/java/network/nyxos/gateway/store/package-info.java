/// PostgreSQL: jobs and claims, escrows, the outbox, the gateways alive. SQL is here and nowhere else.
package network.nyxos.gateway.store;
