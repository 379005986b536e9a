import { expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { scrapeSeries } from '../../lib/pipeline/scrape-series.ts';
import { sourceOf } from './scrape-fixture.ts';

const target = {
  source: sourceOf(['http://127.0.0.1:9090/prom'], { timeout: 5000 }),
  server: 'http://127.0.0.1:9090/prom',
};
const figures = { time: 60_000, duration: 250, isComplete: false, samples: 7 };

it('tells how a scrape went, by source and server', () => {
  const series = scrapeSeries(target, figures, () => true);
  expect(series.map(({ labels, samples }) => [Labels.from(labels).toString(), samples])).toEqual(
    [
      ['up', 0],
      ['duration_seconds', 0.25],
      ['timeout_seconds', 5],
      ['samples', 7],
    ].map(([name, value]) => [
      `tributary_scrape_${name}{instance="127.0.0.1:9090", job="fed"}`,
      [{ timestamp: 60_000, value }],
    ]),
  );
});

it('makes only what some rule uses', () => {
  const selects = (labels: Labels) => labels.metricName === 'tributary_scrape_up';
  expect(scrapeSeries(target, { ...figures, isComplete: true }, selects)).toMatchObject([{ samples: [{ value: 1 }] }]);
});
