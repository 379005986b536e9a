import { describe, expect, it } from 'vitest';
import { metricFamilies } from '../../../lib/plan/unmapped/metric-family.ts';
import { series } from '../../model/series.ts';

function families(lines: readonly string[], metadata: Parameters<typeof metricFamilies>[1] = []): string[] {
  return metricFamilies(lines.map(series), metadata).map(
    ({ name, type, labels, quantiles, series: of }) =>
      `${name} ${type} ${of.length} [${[...labels].map(([label, values]) => `${label}=${values.join('|')}`)}] ${quantiles}`,
  );
}

describe('metricFamilies', () => {
  it('puts the series of histograms and summaries together', () => {
    expect(
      families([
        'h_bucket{le="1",a="x"}',
        'h_bucket{le="+Inf",a="y"}',
        'h_sum{a="x"}',
        'h_count{a="x"}',
        's{quantile="0.5"}',
        's_sum',
        's_count',
        'lonely_count',
        'lonely_sum2',
      ]),
    ).toEqual([
      'h histogram 4 [a=x|y] ',
      'lonely_count unknown 1 [] ',
      'lonely_sum2 unknown 1 [] ',
      's summary 3 [] 0.5',
    ]);
  });

  it('believes metadata, with the name of counters in either form', () => {
    const fact = (metricFamilyName: string, type: 'counter' | 'gauge' | 'histogram') => ({
      metricFamilyName,
      type,
      help: 'h',
      unit: '',
    });
    expect(
      families(
        ['x_total', 'y_total', 'z', 'n'],
        [fact('x', 'counter'), fact('y_total', 'gauge'), fact('z', 'gauge'), fact('n', 'histogram')],
      ),
    ).toEqual(['n histogram 1 [] ', 'x_total counter 1 [] ', 'y_total gauge 1 [] ', 'z gauge 1 [] ']);
  });

  it('tells types from names where nothing else does', () => {
    expect(families(['a_total', 'b_info', 'c'])).toEqual([
      'a_total counter 1 [] ',
      'b_info info 1 [] ',
      'c unknown 1 [] ',
    ]);
  });
});
