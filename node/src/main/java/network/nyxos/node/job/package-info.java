/** A job's rules, its receipt, and what is remembered of it. No I/O. */
package network.nyxos.node.job;
