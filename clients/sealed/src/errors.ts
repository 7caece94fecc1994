/** Something that keeps a prompt from being sealed or a reply from being believed. */
export class SealedError extends Error {
  /**
   * @param code stable: `no_trusted_node`, `evidence_refused`, `sealing_key_malformed`, `seal_tier`, `unsupported_parameter`, `wrong_order`, `reply_seal_broken`, `receipt_invalid`, `gateway_malformed`, `payment_malformed`,
   * `payment_unseen`, `payment_unsigned`, `proof_malformed`, `registry_unreachable`, `registry_malformed`
   */
  constructor(readonly code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealedError';
  }
}
