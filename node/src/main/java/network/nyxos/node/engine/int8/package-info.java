/**
 * The numbers of {@code nyx-int8-v1}; docs/engine-nyx-int8-v1.md is its specification.
 *
 * <p>Every result is made of integers whose ranges are known not to overflow, so that no order of sums, and so no number of threads, width of
 * SIMD or size of batch, can change a bit. Floating point is met once, where a file's weights are read.
 */
package network.nyxos.node.engine.int8;
