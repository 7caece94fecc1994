import { EscrowError } from './errors.js';

/** A request whose end is not known. */
export interface Open {
  /** Hexadecimal. */
  job: string;
  /** The most that it can cost, base units. */
  ceiling: bigint;
  /** When it was signed for, unix milliseconds. */
  since: number;
}

/**
 * A payer's own account of its escrows: what verified receipts have used, and the ceilings of requests whose end is not known. The next voucher is signed from this
 * book, never from a gateway's word; what is signed for is written before it is signed.
 */
export interface Book {
  /** Base units used of an escrow; 0 where the book knows nothing of it. */
  used(escrow: string): Promise<bigint>;
  /** Requests whose end is not known. */
  open(escrow: string): Promise<Open[]>;
  /** Takes over what was used without this book, such as `settled` on chain. What the book has is never lowered. */
  startAt(escrow: string, used: bigint): Promise<void>;
  /** Writes down a request. @returns what its voucher is over: what is used, all open ceilings and this one */
  reserve(escrow: string, job: string, ceiling: bigint, now: number): Promise<bigint>;
  /** Ends a request with what it cost. One that is not open any more was ended before, and is not counted again. @returns what is used then */
  end(escrow: string, job: string, charge: bigint): Promise<bigint>;
}

/** The pages of a book, as JSON has them: `{escrow: {used, open: {job: {ceiling, since}}}}`. The Java client's book has the same form. */
export type Pages = Record<string, { used?: unknown; open?: Record<string, { ceiling: unknown; since: unknown }> }>;

/** Where a book is kept. */
export interface Shelf {
  read(): Promise<Pages>;
  /** Alone: nobody else changes the book meanwhile. Nothing is kept of a step that throws. */
  change<T>(step: (pages: Pages) => T): Promise<T>;
}

const MOST = (1n << 63n) - 1n;

function amount(value: unknown): bigint {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,19}$/.test(text)) {
    throw new EscrowError('book_malformed', `the book has '${value}' for an amount; restore it, nothing was signed`);
  }
  return BigInt(text);
}

function within(value: bigint): bigint {
  if (value < 0n || value > MOST) {
    throw new EscrowError('book_malformed', `${value} is no amount of an escrow; nothing was signed`);
  }
  return value;
}

const requests = (page: Pages[string] | undefined): [string, { ceiling: unknown; since: unknown }][] => Object.entries(page?.open ?? {});

/** A book on a shelf. */
export function bookOn(shelf: Shelf): Book {
  return {
    used: async escrow => amount((await shelf.read())[escrow]?.used ?? 0),
    open: async escrow => requests((await shelf.read())[escrow]).map(([job, { ceiling, since }]) => ({ job, ceiling: amount(ceiling), since: Number(since) })),
    startAt: (escrow, used) => shelf.change(pages => {
      const page = (pages[escrow] ??= {});
      const before = amount(page.used ?? 0);
      page.used = String(within(used) > before ? used : before);
    }),
    reserve: (escrow, job, ceiling, now) => shelf.change(pages => {
      const page = (pages[escrow] ??= {});
      const open = requests(page).reduce((sum, [, each]) => sum + amount(each.ceiling), 0n);
      const cumulative = within(amount(page.used ?? 0) + open + within(ceiling));
      (page.open ??= {})[job] = { ceiling: String(ceiling), since: now };
      return cumulative;
    }),
    end: (escrow, job, charge) => shelf.change(pages => {
      const page = (pages[escrow] ??= {});
      let used = amount(page.used ?? 0);
      if (page.open?.[job]) {
        used = within(used + within(charge));
        page.used = String(used);
        delete page.open[job];
      }
      return used;
    }),
  };
}

/** A book for an escrow that no other process and no later run pays from. */
export function memoryBook(): Book {
  let pages: Pages = {};
  return bookOn({
    read: async () => pages,
    change: async step => {
      const next = structuredClone(pages);
      const result = step(next);
      pages = next;
      return result;
    },
  });
}
