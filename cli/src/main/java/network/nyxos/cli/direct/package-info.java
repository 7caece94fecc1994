/** Jobs that nodes settled by themselves: what their records on chain say, and who may do what about them. */
package network.nyxos.cli.direct;
