/** Nyxos bindgen. */
package network.nyxos.bindgen;
