/** The services, each a process of its own that one file configures: who runs one need not run, or trust, another. */
package network.nyxos.cli.serve;
