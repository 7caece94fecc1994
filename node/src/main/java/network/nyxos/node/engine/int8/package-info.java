/**
 * The numbers of {@code nyx-int8-v1}; docs/engine-nyx-int8-v1.md is its specification.
 *
 * <p>Every floating-point result is one sequence of IEEE operations, whatever the threads and the SIMD width do: a lane, a
 * task and a batch column each hold a whole sum of their own, so that no sum is ever split.
 */
package network.nyxos.node.engine.int8;
