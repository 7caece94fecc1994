// One of several processes that keep one book. Arguments: file, escrow, rounds, name.
import { fileBook } from '../dist/file.js';

const [file, escrow, rounds, name] = process.argv.slice(2);
const book = fileBook(file);
for (let i = 0; i < Number(rounds); i++) {
  await book.reserve(escrow, `${name}-${i}`, 10n, 1);
  await book.end(escrow, `${name}-${i}`, 3n);
}
