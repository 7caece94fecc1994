/** Nyxos relayer. */
package network.nyxos.relayer;
