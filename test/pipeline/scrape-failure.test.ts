import { describe, expect, it } from 'vitest';
import { REMEDIES } from '../../lib/pipeline/refusal-reason.ts';
import { scrapeFailure } from '../../lib/pipeline/scrape-failure.ts';
import { FAILURE_REASONS, RemoteError } from '../../lib/remote/remote-error.ts';
import { ExpositionLimitError, UnknownFormatError } from '../../lib/textparse/errors.ts';

describe('scrapeFailure', () => {
  it.each(FAILURE_REASONS)('has a reason and a remedy for %s', (reason) => {
    const fault = scrapeFailure(new RemoteError(reason, 'cannot reach it'), 'http://a');
    expect(fault).toEqual({ reason: `scrape_failed: ${reason}`, detail: 'cannot reach it' });
    expect(REMEDIES[fault.reason]).toMatch(/./);
  });

  it('tells pages that are too large from those that are none', () => {
    const reasonOf = (error: Error) => scrapeFailure(error, 'http://a').reason;
    expect(reasonOf(new ExpositionLimitError('samples', 2, 'line 3'))).toBe('scrape_failed: too_many_samples');
    expect(reasonOf(new ExpositionLimitError('nameBytes', 2, 'line 3'))).toBe('scrape_failed: not_metrics');
    expect(scrapeFailure(new UnknownFormatError('no type'), 'http://a')).toEqual({
      reason: 'scrape_failed: not_metrics',
      detail: 'http://a/federate: no type',
    });
  });

  it('leaves faults of this program alone', () => {
    expect(() => scrapeFailure(new Error('BUG: x'), 'http://a')).toThrow('BUG: x');
  });
});
