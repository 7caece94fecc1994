/** The node on chain: registration with a bond, and claims whose proofs are checked here before anything is sent. */
package network.nyxos.node.account;
