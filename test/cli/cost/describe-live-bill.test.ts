import { describe, expect, it } from 'vitest';
import { describeLiveBill } from '../../../lib/cli/cost/describe-live-bill.ts';

const HOUR = 3600_000;
const MINT = Date.parse('2026-01-01T00:00:00Z');
const TERM = { term: 'api requests', units: 1e6, unit: 'requests', price: 1e-6, dollars: 1, isEstimate: false };

/** The last line of a bill of a dollar. @param hours from the first that is known to the end of the window */
function totalLine(hours: number, since?: number): string {
  const window = { mint: MINT, maxt: (since ?? MINT) + hours * HOUR };
  const prices = { region: 'us-east-1', readOn: '2026-11-22' };
  const text = describeLiveBill({ window, ...(since !== undefined && { since }), prices, terms: [TERM], total: 1 });
  return text.trimEnd().split('\n').at(-1) ?? '';
}

describe('describeLiveBill', () => {
  it('tells what a month comes to where the hours are whole', () => {
    expect(totalLine(1)).toBe('  total $ 1.00; at this rate $ 720.00 a month of 30 days');
    expect(totalLine(12, MINT + 100 * HOUR)).toBe('  total $ 1.00; at this rate $ 60.00 a month of 30 days');
  });

  it('does not take a deployment of some minutes for one of an hour', () => {
    expect(totalLine(0.8, MINT + 100 * HOUR)).toBe(
      '  total $ 1.00; what a month comes to can be told after 12 hours (`tributary cost` estimates it)',
    );
  });
});
