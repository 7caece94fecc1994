/// The way to the relayer: everything that happened to a job, told until it is acknowledged.
package network.nyxos.gateway.relay;
