import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import lockfile from 'proper-lockfile';
import { type Book, type Pages, bookOn } from './book.js';
import { EscrowError } from './errors.js';

const PATIENCE = { retries: 100, minTimeout: 20, maxTimeout: 200, factor: 1.2 };

/**
 * A book on disk, for several processes of this package. Beside it stand, while it is changed, `.lock` (a folder) and `.new`. The Java client reads the same file, but
 * does not see this lock: do not use both at once.
 */
export function fileBook(path: string): Book {
  const file = resolve(path);
  // Threads of one process take turns here first.
  let turn: Promise<unknown> = Promise.resolve();

  async function load(): Promise<Pages> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (e: any) {
      if (e.code === 'ENOENT') {
        return {};
      }
      throw unwritable(e);
    }
    try {
      const pages = JSON.parse(text);
      if (typeof pages === 'object' && pages !== null && !Array.isArray(pages)) {
        return pages;
      }
    } catch {
      // Said below.
    }
    throw new EscrowError('book_malformed', `the book of vouchers ${file} cannot be read; restore it, nothing was signed`);
  }

  function unwritable(cause: unknown): EscrowError {
    return new EscrowError('book_unwritable', `the book of vouchers ${file} cannot be written (${(cause as Error).message}); make it writable, nothing was signed`, { cause });
  }

  async function store(pages: Pages): Promise<void> {
    const written = await open(`${file}.new`, 'w', 0o600);
    try {
      await written.writeFile(JSON.stringify(pages));
      await written.sync();
    } finally {
      await written.close();
    }
    await rename(`${file}.new`, file);
  }

  async function locked<T>(step: (pages: Pages) => T): Promise<T> {
    let release: () => Promise<void>;
    try {
      await mkdir(dirname(file), { recursive: true });
      release = await lockfile.lock(file, { realpath: false, lockfilePath: `${file}.lock`, retries: PATIENCE });
    } catch (e) {
      throw unwritable(e);
    }
    try {
      const pages = await load();
      const result = step(pages);
      await store(pages).catch(e => {
        throw unwritable(e);
      });
      return result;
    } finally {
      await release();
    }
  }

  return bookOn({
    read: load,
    change: step => {
      const mine = turn.then(() => locked(step));
      turn = mine.catch(() => undefined);
      return mine;
    },
  });
}
