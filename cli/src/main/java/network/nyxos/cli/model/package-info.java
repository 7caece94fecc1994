/** Models in the registry: who published them, what royalty they ask for, and under which measurements a confidential node may serve them. */
package network.nyxos.cli.model;
