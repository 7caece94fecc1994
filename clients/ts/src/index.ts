export { memoryBook, type Book, type Open } from './book.js';
export { EscrowError } from './errors.js';
export { escrowPayer, type EscrowOptions, type EscrowPayer, type Paid } from './escrow.js';
export { evmTypedData, evmWallet } from './evm.js';
export { type SessionKey } from './voucher.js';
