import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS } from '../../lib/context/tenant.ts';
import type { Histogram } from '../../lib/model/histogram.ts';
import { Labels } from '../../lib/model/labels.ts';
import { comparePage } from '../../lib/pipeline/compare-page.ts';
import { IntakeReport } from '../../lib/pipeline/intake-report.ts';
import type { LastSample } from '../../lib/pipeline/scrape-memory.ts';
import type { PagePoint } from '../../lib/pipeline/scrape-page.ts';

const NOW = 1_700_000_000_000;
const RULES = { now: NOW, limits: DEFAULT_INTAKE_LIMITS };

function point(job: string, timestamp: number, more: Partial<PagePoint['series']> = {}): PagePoint {
  const verdict = Labels.from({ __name__: 'up', job });
  const series = { labels: [...verdict], verdict, isSelected: true, ...more };
  return { series, samples: [{ timestamp, value: 1 }], histograms: [] };
}

function compare(points: readonly PagePoint[], previous?: ReadonlyMap<string, LastSample>) {
  const report = new IntakeReport();
  const { fresh, vanished, current } = comparePage(points, previous, RULES, report);
  const jobOf = (labels: Labels) => labels.get('job');
  return {
    fresh: fresh.map(({ labels }) => jobOf(Labels.from(labels))),
    vanished: vanished.map(({ labels }) => jobOf(labels)),
    current,
    tally: report.account.tally,
  };
}

describe('comparePage', () => {
  it('tells new, repeated and vanished series apart', () => {
    const first = compare([point('a', NOW), point('b', NOW), point('c', NOW)]);
    expect(first).toMatchObject({ fresh: ['a', 'b', 'c'], vanished: [], tally: { selected: 3, dropped: {} } });
    const second = compare([point('a', NOW), point('b', NOW + 1), point('d', NOW)], first.current);
    expect(second).toMatchObject({ fresh: ['b', 'd'], vanished: ['c'] });
    expect(second.tally).toMatchObject({ accepted: 3, selected: 3, dropped: { repeated: 1 } });
    expect(compare([], second.current).vanished).toEqual(['a', 'b', 'd']);
  });

  it('remembers nothing of series that are refused or that nobody needs', () => {
    const { fresh, current, tally } = compare([
      point('a', NOW - 48 * 3600_000),
      point('b', NOW, { isSelected: false }),
      point('c', NOW, { verdict: { reason: 'too_many_labels', detail: 'many' }, isSelected: false }),
    ]);
    expect([fresh, current.size]).toEqual([[], 0]);
    expect(tally).toMatchObject({ accepted: 1, unselected: 1, refused: { too_old: 1, too_many_labels: 1 } });
  });

  it('takes native histograms of servers that send them, valid ones', () => {
    const { series } = point('a', NOW);
    const histogramPoint = (count: number): PagePoint => ({ series, samples: [], histograms: [histogram(count)] });
    expect(compare([histogramPoint(0)])).toMatchObject({ fresh: ['a'], tally: { selected: 1 } });
    expect(compare([histogramPoint(7)])).toMatchObject({ fresh: [], tally: { refused: { invalid_histogram: 1 } } });
  });
});

/** Without any bucket, so that only a count of 0 is true. */
function histogram(count: number): Histogram {
  return {
    timestamp: NOW,
    isFloat: false,
    schema: 0,
    count,
    sum: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    resetHint: 'unknown',
    positiveSpans: [],
    positiveDeltas: [],
    positiveCounts: [],
    negativeSpans: [],
    negativeDeltas: [],
    negativeCounts: [],
    customValues: [],
  };
}
