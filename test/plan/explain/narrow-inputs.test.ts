import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Labels } from '../../../lib/model/labels.ts';
import { knownLabels, narrowInputs } from '../../../lib/plan/explain/narrow-inputs.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { parseExpr } from '../../../lib/promql/parse.ts';
import { printExpr } from '../../../lib/promql/print.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { series } from '../../model/series.ts';

const TIME = 600_000;

const EXPRESSIONS = [
  'a',
  'rate(a[5m]) * 60',
  'sum by (x) (a)',
  'sum by (x, y) (rate(a[5m]))',
  'sum without (y) (a)',
  'max by (x) (a) / min by (x) (b)',
  'sum by (x) (a) / on (x) group_left () sum by (x) (b)',
  'a / on (x) group_left (z) max by (x, z) (c)',
  'max by (x, z) (c) * on (x) group_right (z) a',
  'a * ignoring (y) group_left () sum without (y) (a)',
  'a and on (x) (b > 1)',
  'a unless on (x) (b > 2)',
  'a or b',
  'a or on (x) b',
  'label_replace(sum by (x) (a), "z", "$1", "x", "(.*)")',
  'label_join(a, "z", "-", "x", "y")',
  'histogram_quantile(0.9, sum by (x, le) (rate(h[5m]))) >= 0',
  'topk by (x) (1, a)',
  'bottomk(2, a)',
  'count_values by (x) ("z", b)',
  'a > bool on (x, y) b',
  'a + scalar(sum(b))',
  'absent(nothing{x="1"}) or sum by (x) (b)',
  'vector(1) + on () group_right () a',
  'max_over_time(sum by (x) (a)[3m:1m])',
  '-(sum by (y) (a)) ^ 2',
  'quantile by (x) (0.5, a)',
  'group by (z) (c)',
];

describe('inputs narrowed to one result', () => {
  it.each(EXPRESSIONS)('%s: gives every result the value that the whole expression gives it', async (text) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const storage = await randomStorage(seed);
        const whole = await ask(storage, text);
        for (const [key, { labels, value }] of whole) {
          const narrowed = printExpr(narrowInputs(parseExpr(text), knownLabels(labels, [])));
          const again = await ask(storage, narrowed);
          expect([narrowed, again.get(key)?.value]).toEqual([narrowed, value]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['sum by (x) (rate(a{q!="1"}[5m]))', 'sum by (x) (rate(a{q!="1",x="1"}[5m]))'],
    ['sum by (x, gone) (a)', 'sum by (x, gone) (a{gone="",x="1"})'],
    ['a{x="1"} / 2', 'a{x="1",y="2"} / 2'],
    ['sum(a)', 'sum(a)'],
  ])('%s becomes %s', (text, expected) => {
    const known = knownLabels(series('r{x="1",y="2"}'), []);
    expect(sorted(printExpr(narrowInputs(parseExpr(text), known)))).toBe(sorted(printExpr(parseExpr(expected))));
  });

  it('assumes nothing of labels that the rule overwrites', () => {
    const known = knownLabels(series('r{x="1",y="2"}'), ['x', 'w']);
    expect(printExpr(narrowInputs(parseExpr('sum by (x, y, w, v) (a)'), known))).toBe(
      'sum by (x, y, w, v) (a{v="",y="2"})',
    );
  });
});

function sorted(text: string): string {
  return text.replace(/\{(.*)\}/, (_, inner: string) => `{${inner.split(',').sort().join(',')}}`);
}

async function randomStorage(seed: number): Promise<MemoryStorage> {
  let state = seed;
  const dice = (bound: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * bound);
  };
  const storage = new MemoryStorage();
  const appender = storage.appender('t', 'normalised');
  const push = (text: string, step: number) => {
    for (let i = 0; i <= 10; i++) appender.append(series(text), { timestamp: i * 60_000, value: step * (i + 1) });
  };
  for (const x of ['1', '2']) {
    push(`c{x="${x}",z="z${x}"}`, 1 + dice(5));
    for (const y of ['1', '2', '3']) {
      if (dice(4) > 0) push(`a{x="${x}",y="${y}"}`, 1 + dice(9));
      if (dice(4) > 0) push(`b{x="${x}",y="${y}"}`, dice(3));
      for (const [i, le] of ['0.1', '1', '+Inf'].entries()) push(`h{x="${x}",y="${y}",le="${le}"}`, 3 + i * dice(4));
    }
    if (dice(2) > 0) push(`b{x="${x}"}`, dice(4));
  }
  await appender.commit();
  return storage;
}

/** What an expression gives, by labels; nothing where it is an error (two series that match alike). */
async function ask(storage: MemoryStorage, expr: string) {
  const results = new Map<string, { readonly labels: Labels; readonly value: unknown }>();
  try {
    const { data } = await new Engine().instantQuery(storage.querier('t'), expr, TIME);
    if (data.kind === 'vector')
      for (const { labels, value } of data.samples) results.set(labels.key, { labels, value });
  } catch {
    return results;
  }
  return results;
}
