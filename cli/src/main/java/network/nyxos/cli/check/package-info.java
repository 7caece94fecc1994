/**
 * What anybody can check and do alone: whether a job was paid and credited as signed, and the claim of what was credited.
 */
package network.nyxos.cli.check;
