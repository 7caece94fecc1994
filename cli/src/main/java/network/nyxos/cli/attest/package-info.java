/**
 * Evidence of TEEs, anybody's: judged ({@code nyxos attest verify}), printed ({@code show}), and all vectors of a manifest judged
 * ({@code check}). The library judges; here files are read.
 */
package network.nyxos.cli.attest;
