/** Where a confidential node's quotes come from. */
package network.nyxos.node.evidence;
