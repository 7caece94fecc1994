/** How fast the engine runs the real model. */
package network.nyxos.bench.engine;
