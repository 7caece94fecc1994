/**
 * Replies held to a form ({@link network.nyxos.escrow.format.Format}): which tokens of a vocabulary may follow.
 */
package network.nyxos.node.engine.format;
