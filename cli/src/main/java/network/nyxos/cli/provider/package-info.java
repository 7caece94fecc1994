/**
 * What a provider does: keys, a node that stands alone, and its standing on chain.
 */
package network.nyxos.cli.provider;
