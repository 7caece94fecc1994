/** Something that keeps a voucher from being signed or a reply from being booked. */
export class EscrowError extends Error {
  /**
   * @param code stable: `too_expensive`, `not_offered`, `wrong_order`, `gateway_malformed`, `receipt_invalid`, `stream_broken`, `book_malformed`, `book_unwritable`, `invalid_key`, `signature_invalid`, `signature_varies`
   */
  constructor(readonly code: string, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = 'EscrowError';
  }
}
