/// A job's life: the state machine, and the run that gets a paid job served by one node or, when that fails, by the next.
package network.nyxos.gateway.job;
