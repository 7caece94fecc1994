/**
 * Disputes about a job of {@code nyx-int8-v1}, as docs/disputes.md has them: every number that a job computed, in the vectors that a node is asked for;
 * what a node answers; how an accuser finds the number that is wrong, and what proves it. Pure: who speaks with the chain hands in what the chain says.
 *
 * <p>The numbers are computed here once more, from the leaves of the model's root and plainly, so that they are also a check of the engine.
 */
package network.nyxos.node.engine.dispute;
