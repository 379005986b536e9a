import { describe, expect, it } from 'vitest';
import { describeBill } from '../../lib/cli/cost/describe-bill.ts';
import { costOf, DEFAULT_WORKLOAD } from '../../lib/cost/cost-model.ts';
import { RECORDED_UNITS } from '../../lib/cost/recorded-units.ts';

const bill = costOf(DEFAULT_WORKLOAD, RECORDED_UNITS);

describe('costOf', () => {
  it('counts the samples of a month of thirty days', () => {
    expect(bill.rawSamples).toBe((100_000 / 15) * 30 * 86_400);
  });

  it('asks for what its terms add up to, all of them finite', () => {
    for (const { dollars, quantity } of bill.terms)
      expect([dollars > 0, Number.isFinite(quantity)]).toEqual([true, true]);
    expect(bill.total).toBeCloseTo(
      bill.terms.reduce((sum, { dollars }) => sum + dollars, 0),
      9,
    );
  });

  it('knows the tiers of managed Prometheus', () => {
    // 2 G samples at $ 0.90 and 15.28 G at $ 0.35, for ten million each.
    expect(bill.managedPrometheus).toBeCloseTo(180 + 1528 * 0.35, 6);
    expect(bill.grafanaCloud).toBe(2600);
  });

  it('stays under the price that it is meant to stay under', () => {
    expect(bill.total / bill.managedPrometheus).toBeLessThan(0.08);
  });

  it('grows with what is selected, with the series, and with shorter intervals', () => {
    const total = (change: Partial<typeof DEFAULT_WORKLOAD>) =>
      costOf({ ...DEFAULT_WORKLOAD, ...change }, RECORDED_UNITS).total;
    expect(total({ selectedShare: 0.2 })).toBeGreaterThan(bill.total * 1.3);
    expect(total({ activeSeries: 200_000 })).toBeGreaterThan(bill.total * 1.5);
    expect(total({ scrapeSeconds: 60 })).toBeLessThan(bill.total);
  });

  it('pays for started kilobytes when commits are tiny', () => {
    const tiny = costOf({ ...DEFAULT_WORKLOAD, activeSeries: 30 }, RECORDED_UNITS);
    const written = tiny.terms.find(({ name }) => name === 'samples written');
    expect(written?.quantity).toBeCloseTo(tiny.rawSamples * 0.1, -3);
  });
});

describe('describeBill', () => {
  it('prints every term, the total and the comparison', () => {
    const text = describeBill(bill);
    for (const { name } of bill.terms) expect(text).toContain(`  ${name} `);
    expect(text).toMatch(/100 k active series every 15 s, 10 % selected: 17\.3 G samples a month/);
    expect(text).toMatch(/read on \d{4}-\d\d-\d\d/);
    expect(text).toMatch(/This is \d\.\d % of Amazon Managed Prometheus's ingest price\./);
  });
});
