import { describe, expect, it } from 'vitest';
import { freshnessOf } from '../../lib/api/freshness.ts';
import { DEFAULT_SCOPE, type Source } from '../../lib/context/tenant.ts';

const SENDER: Source = { name: 's', type: 'remote_write', tokens: ['t'], scope: DEFAULT_SCOPE };
const SCRAPED = { ...SENDER, type: 'federation', interval: 30_000 } as unknown as Source;
const ASKED = { ...SENDER, type: 'query', interval: 300_000, delay: 30_000 } as unknown as Source;

describe('freshnessOf', () => {
  it.each([
    ['a sender', SENDER, 240_000],
    ['a scraped source', SCRAPED, 150_000],
    ['an asked source', ASKED, 990_000],
  ])('gives %s three intervals, its delay, and a minute on the way', (_, source, lateAfter) => {
    expect(freshnessOf(source, 1e6, 1e6 + lateAfter)).toMatchObject({ verdict: 'fresh', lateAfter, age: lateAfter });
    expect(freshnessOf(source, 1e6, 1e6 + lateAfter + 1).verdict).toBe('late');
  });

  it('is silent without a sign of life, and no younger than now', () => {
    expect(freshnessOf(SENDER, undefined, 5)).toEqual({ expectedEvery: 60_000, lateAfter: 240_000, verdict: 'silent' });
    expect(freshnessOf(SENDER, 10, 5).age).toBe(0);
  });
});
