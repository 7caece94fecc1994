/** Nyxos gateway. */
package network.nyxos.gateway;
