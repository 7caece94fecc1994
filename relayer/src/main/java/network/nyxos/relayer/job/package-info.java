/// What the relayer knows of a job: the gateway's record, the payment in it, the state of its money. Pure.
package network.nyxos.relayer.job;
