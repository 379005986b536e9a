import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLabels, Labels } from '../../../lib/model/labels.ts';
import { Matcher, type MatchType } from '../../../lib/model/matcher.ts';
import { matchLabels } from '../../../lib/storage/match-labels.ts';
import { MetricSeries } from '../../../lib/storage/memory/metric-series.ts';

const values = fc.constantFrom('', 'a', 'ab', 'b', '1', '\u{1f600}', '\uffee');
const labelSets = fc.uniqueArray(
  fc.record({ job: values, pod: values, Zone: values }).map((record) => Labels.from({ ...record, __name__: 'up' })),
  { selector: (labels) => labels.key, maxLength: 40 },
);
const matchers = fc.array(
  fc
    .tuple(
      fc.constantFrom<MatchType>('=', '!=', '=~', '!~'),
      fc.constantFrom('job', 'pod', 'Zone', 'absent'),
      fc.constantFrom('', 'a', 'a|b', 'a.*', '[0-9]', '.+'),
    )
    .map(([type, name, value]) => new Matcher(type, name, value)),
  { maxLength: 3 },
);

describe('the series of a metric', () => {
  it('are found as if each were looked at, in the order of their labels', () => {
    fc.assert(
      fc.property(labelSets, matchers, (sets, wanted) => {
        const metric = metricOf(sets);
        const expected = sets.filter((labels) => matchLabels(labels, wanted)).sort(compareLabels);
        expect(metric.matching(wanted).map(({ labels }) => String(labels))).toEqual(expected.map(String));
      }),
    );
  });

  it('are found when they come in after a search', () => {
    const job = (value: string) => Labels.from({ __name__: 'up', job: value });
    const metric = metricOf([job('b')]);
    const search = () => metric.matching([new Matcher('=~', 'job', 'a|b')]).map(({ labels }) => labels.get('job'));
    expect(search()).toEqual(['b']);
    metric.add({ labels: job('a'), builders: {} });
    metric.add({ labels: job('c'), builders: {} });
    expect(search()).toEqual(['a', 'b']);
  });
});

function metricOf(sets: readonly Labels[]): MetricSeries {
  const metric = new MetricSeries();
  for (const labels of sets) metric.add({ labels, builders: {} });
  return metric;
}
