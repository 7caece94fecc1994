/**
 * What an agent does: pays for requests, and keeps an escrow that it can leave on its own.
 */
package network.nyxos.cli.agent;
