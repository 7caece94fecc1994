// Books, in memory and on disk.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { memoryBook } from '../dist/index.js';
import { fileBook } from '../dist/file.js';

const folder = await mkdtemp(join(tmpdir(), 'nyxos-book-'));
after(() => rm(folder, { recursive: true }));
const E = 'escrow';

// mulberry32
const random = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

for (const [kind, make, lives] of [['memory', () => memoryBook(), 200], ['a file', seed => fileBook(join(folder, `life-${seed}.json`)), 4]]) {
  test(`a book in ${kind} agrees with a plain model, whatever happens`, async () => {
    for (let seed = 0; seed < lives; seed++) {
      const next = random(seed);
      const book = make(seed);
      let used = 0n;
      const open = new Map();
      for (let step = 0; step < 40; step++) {
        const job = `job-${Math.floor(next() * 6)}`;
        const amount = BigInt(Math.floor(next() * 1000));
        if (next() < 0.5) {
          const other = [...open].reduce((sum, [, each]) => sum + each, 0n);
          assert.equal(await book.reserve(E, job, amount, step), used + other + amount, `seed ${seed}`);
          open.set(job, amount);
        } else if (next() < 0.8) {
          used += open.delete(job) ? amount : 0n;
          assert.equal(await book.end(E, job, amount), used, `seed ${seed}`);
        } else {
          await book.startAt(E, amount);
          used = amount > used ? amount : used;
        }
        assert.equal(await book.used(E), used, `seed ${seed}`);
        assert.deepEqual(new Map((await book.open(E)).map(each => [each.job, each.ceiling])), open, `seed ${seed}`);
      }
      assert.equal(await book.used('another'), 0n);
    }
  });
}

test('several processes keep one book', async () => {
  const file = join(folder, 'shared.json');
  const writer = fileURLToPath(new URL('writer.mjs', import.meta.url));
  await Promise.all(['a', 'b', 'c'].map(name => promisify(execFile)(process.execPath, [writer, file, E, '15', name])));
  const book = fileBook(file);
  assert.equal(await book.used(E), 3n * 15n * 3n);
  assert.deepEqual(await book.open(E), []);
  assert.deepEqual((await readdir(folder)).filter(name => name.startsWith('shared.json')), ['shared.json']);
});

test('a book of the Java client is read, amounts beyond a double are kept', async () => {
  const file = join(folder, 'java.json');
  await writeFile(file, '{"escrow":{"used":12,"open":{"ab":{"ceiling":5,"since":7}}}}');
  const book = fileBook(file);
  assert.equal(await book.reserve(E, 'cd', 1n, 8), 18n);
  await book.startAt(E, (1n << 62n) + 1n);
  assert.equal(JSON.parse(await readFile(file, 'utf8')).escrow.used, '4611686018427387905');
  assert.equal(await book.used(E), 4611686018427387905n);
});

test('nothing is signed from a book that cannot be read or does not add up', async () => {
  const file = join(folder, 'bad.json');
  for (const text of ['{', '[]', '{"escrow":{"used":1.5}}', '{"escrow":{"used":-1}}', '{"escrow":{"used":9007199254740993}}', '{"escrow":{"used":"many"}}']) {
    await writeFile(file, text);
    await assert.rejects(fileBook(file).reserve(E, 'ab', 1n, 1), /book_malformed/, text);
    assert.equal(await readFile(file, 'utf8'), text, 'and it stays as it was');
  }
  await writeFile(file, `{"escrow":{"used":"${(1n << 63n) - 1n}"}}`);
  await assert.rejects(fileBook(file).reserve(E, 'ab', 1n, 1), /book_malformed/);
  await assert.rejects(fileBook(join(file, 'below', 'a-file.json')).reserve(E, 'ab', 1n, 1), /book_unwritable/);
});
