/**
 * How a command finds what it talks to: services and chain by URL, or all of it from a stack's {@code stack.json}.
 */
package network.nyxos.cli.attach;
