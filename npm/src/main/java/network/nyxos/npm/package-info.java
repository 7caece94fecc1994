/** For tests and benchmarks that run packages of npm and PyPI beside Nyxos, as others use them. Knows no other module. */
package network.nyxos.npm;
