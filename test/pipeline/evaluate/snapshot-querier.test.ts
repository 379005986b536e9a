import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Matcher } from '../../../lib/model/matcher.ts';
import { SnapshotQuerier } from '../../../lib/pipeline/evaluate/snapshot-querier.ts';
import type { Querier } from '../../../lib/storage/interface.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { load, TENANT } from './run-rules.ts';

async function stored(): Promise<{ store: Querier; selects: string[] }> {
  const storage = new MemoryStorage();
  await load(storage, {
    'a{x="1"}': [1, 2, 3, 4, 5, 6],
    'a{x="2"}': [undefined, undefined, 3, 4],
    'b{x="1"}': [9, 9],
    'c.d{x="1"}': [7, 7, 7],
  });
  const inner = storage.querier(TENANT);
  const selects: string[] = [];
  const store: Querier = {
    ...bound(inner),
    select: (hints, ...matchers) => {
      selects.push(matchers.map(String).join());
      return inner.select(hints, ...matchers);
    },
  };
  return { store, selects };
}

function bound(querier: Querier): Omit<Querier, 'select'> {
  return {
    series: (...args) => querier.series(...args),
    labelNames: (...args) => querier.labelNames(...args),
    labelValues: (...args) => querier.labelValues(...args),
    metadata: (...args) => querier.metadata(...args),
  };
}

const WINDOW = { names: new Set(['a', 'b', 'c.d']), mint: 0, maxt: 300_000 };

describe('SnapshotQuerier', () => {
  it('reads the store once for everything in its window', async () => {
    const { store, selects } = await stored();
    const snapshot = new SnapshotQuerier(store, WINDOW);
    const hints = { mint: 60_000, maxt: 180_000 };
    await Promise.all(['a', 'b', 'c.d'].map((name) => snapshot.select(hints, new Matcher('=', '__name__', name))));
    expect(selects).toEqual(['__name__=~"a|b|c\\\\.d"']);
  });

  it('reads on when the query gives up that asked first', async () => {
    const storage = new MemoryStorage();
    await load(storage, { a: [1], b: [2] });
    const inner = storage.querier(TENANT);
    const slow: Querier = {
      ...bound(inner),
      select: async (hints, ...matchers) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        hints.signal?.throwIfAborted();
        return inner.select(hints, ...matchers);
      },
    };
    const snapshot = new SnapshotQuerier(slow, WINDOW);
    const impatient = new AbortController();
    const first = snapshot.select({ mint: 0, maxt: 1, signal: impatient.signal }, new Matcher('=', '__name__', 'a'));
    impatient.abort();
    await Promise.allSettled([first]);
    expect(await snapshot.select({ mint: 0, maxt: 1 }, new Matcher('=', '__name__', 'b'))).toHaveLength(1);
  });

  it('asks the store for what lies outside', async () => {
    const { store, selects } = await stored();
    const snapshot = new SnapshotQuerier(store, WINDOW);
    const name = new Matcher('=', '__name__', 'a');
    await snapshot.select({ mint: -1, maxt: 10 }, name);
    await snapshot.select({ mint: 0, maxt: 300_001 }, name);
    await snapshot.select({ mint: 0, maxt: 1 }, new Matcher('=~', '__name__', 'a.*'));
    await snapshot.select({ mint: 0, maxt: 1 }, new Matcher('=', '__name__', 'z'));
    expect(selects).toHaveLength(4);
  });

  it('gives what the store gives', async () => {
    const { store } = await stored();
    const snapshot = new SnapshotQuerier(store, WINDOW);
    const time = fc.integer({ min: 0, max: 300_000 });
    const name = fc.constantFrom(['=', 'a'], ['=', 'b'], ['=~', 'a|b'], ['=~', 'b|a|c\\.d'], ['=', 'c.d']);
    const other = fc.constantFrom(undefined, ['=', 'x', '1'], ['!=', 'x', '1'], ['!~', '__name__', 'b']);
    await fc.assert(
      fc.asyncProperty(
        time,
        time,
        name,
        other,
        fc.integer({ min: 0, max: 2 }),
        async (a, b, [type, value], extra, limit) => {
          const hints = { mint: Math.min(a, b), maxt: Math.max(a, b), limit };
          const matchers = [new Matcher(type as '=', '__name__', value as string)];
          if (extra !== undefined) matchers.push(new Matcher(extra[0] as '=', extra[1] as string, extra[2] as string));
          const [ours, theirs] = [await snapshot.select(hints, ...matchers), await store.select(hints, ...matchers)];
          const plain = (series: typeof ours) =>
            series.map(({ labels, floats }) => [String(labels), [...floats.timestamps], [...floats.values]]);
          expect(plain(ours)).toEqual(plain(theirs));
        },
      ),
    );
  });
});
