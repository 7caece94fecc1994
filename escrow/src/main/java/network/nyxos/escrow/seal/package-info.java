/// Prompts that only one node can read, and replies that only who asked can read (protocol §12): HPKE of RFC 9180 for the prompt,
/// numbered and ended chunks for the reply. Who carries them learns their lengths and nothing else.
package network.nyxos.escrow.seal;
