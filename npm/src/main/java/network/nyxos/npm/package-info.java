/** For tests that drive Nyxos with packages of npm as others use them. Knows no other module. */
package network.nyxos.npm;
