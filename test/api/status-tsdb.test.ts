import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Labels } from '../../lib/model/labels.ts';
import { series } from '../model/series.ts';
import { findPrometheus, PrometheusServer } from '../promql/differential/prometheus-server.ts';
import { apiOf, get, NOW, type Point, storageWith } from './fixture.ts';

const SERIES = [
  'up{job="a", instance="1"}',
  'up{job="a", instance="2"}',
  'up{job="b", instance="2"}',
  'http_total{job="b", path="/é"}',
  `http_total{job="b", path="/${'x'.repeat(300)}"}`,
];

const DAY_MS = 86_400_000;

interface Statistic {
  readonly name: string;
  readonly value: number;
}
type Lists = Readonly<Record<(typeof LISTS)[number], readonly Statistic[]>>;
interface TsdbStatus extends Lists {
  readonly headStats: Readonly<Record<string, number>>;
}

const LISTS = [
  'seriesCountByMetricName',
  'labelValueCountByLabelName',
  'memoryInBytesByLabelName',
  'seriesCountByLabelValuePair',
] as const;

describe('/api/v1/status/tsdb', () => {
  it('counts series, labels and their values, the largest first', async () => {
    const compaction = { backlog: async () => ({ epochs: 0, leftovers: 0 }), chunks: async () => 7 };
    const { headStats, ...lists } = await statusOf('', SERIES.map(at(NOW)), { compaction });
    const mint = Math.floor((NOW - 2 * 3600_000) / DAY_MS) * DAY_MS;
    expect(headStats).toEqual({ numSeries: 5, numLabelPairs: 8, chunkCount: 21, minTime: mint, maxTime: NOW });
    expect(lists).toEqual({
      seriesCountByMetricName: [stat('up', 3), stat('http_total', 2)],
      labelValueCountByLabelName: [stat('__name__', 2), stat('instance', 2), stat('job', 2), stat('path', 2)],
      memoryInBytesByLabelName: [
        stat('path', 4 + 3 + 2 + (4 + 301 + 5)),
        stat('__name__', 3 * (8 + 2 + 2) + 2 * (8 + 10 + 2)),
        stat('instance', 3 * (8 + 1 + 2)),
        stat('job', 5 * (3 + 1 + 2)),
      ],
      seriesCountByLabelValuePair: [
        stat('__name__=up', 3),
        stat('job=b', 3),
        stat('__name__=http_total', 2),
        stat('instance=2', 2),
        stat('job=a', 2),
        stat('instance=1', 1),
        stat(`path=/${'x'.repeat(300)}`, 1),
        stat('path=/é', 1),
      ],
    });
  });

  it('cuts each list at the limit, 10 unless told', async () => {
    const many = Array.from({ length: 12 }, (_, i) => at(NOW)(`metric_${i}{job="a"}`));
    expect(lengths(await statusOf('', many))).toEqual([10, 2, 2, 10]);
    expect(lengths(await statusOf('?limit=1', many))).toEqual([1, 1, 1, 1]);
    expect(lengths(await statusOf('?limit=10000', many))).toEqual([12, 2, 2, 13]);
  });

  it('has nothing of days before, and nothing of other tenants', async () => {
    expect(lengths(await statusOf('', [at(NOW - 2 * DAY_MS)('old')]))).toEqual([0, 0, 0, 0]);
    const storage = await storageWith([at(NOW)('theirs')], 'other');
    const response = await apiOf({ storage }).fetch(get('/api/v1/status/tsdb'));
    expect(await response.json()).toMatchObject({ data: { headStats: { numSeries: 0, numLabelPairs: 0 } } });
  });

  it.each([
    ['0', 'limit must be a positive number'],
    ['-1', 'limit must be a positive number'],
    ['1.5', 'limit must be a positive number'],
    ['many', 'limit must be a positive number'],
    ['99999999999999999999', 'limit must be a positive number'],
    ['10001', 'limit must not exceed 10000'],
  ])('refuses the limit %s as Prometheus does', async (limit, error) => {
    const response = await apiOf().fetch(get(`/api/v1/status/tsdb?limit=${limit}`));
    expect([response.status, await response.json()]).toEqual([400, { status: 'error', errorType: 'bad_data', error }]);
  });
});

const PROMETHEUS = process.env['TRIBUTARY_PROMETHEUS'] ?? '/usr/bin/prometheus';
const found = findPrometheus(PROMETHEUS);

describe.runIf(found !== undefined)('/api/v1/status/tsdb beside a real Prometheus', () => {
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await PrometheusServer.start(found?.binary ?? '');
  }, 40_000);
  afterAll(() => server?.stop());

  it('has the same fields and figures', async () => {
    const time = Date.now();
    const floats = { timestamps: Float64Array.of(time), values: Float64Array.of(1) };
    await server.write(SERIES.map((text) => ({ labels: series(text), floats })));
    const response = await fetch(`${server.url}/api/v1/status/tsdb?limit=100`);
    const theirs = ((await response.json()) as { readonly data: TsdbStatus }).data;
    const ours = await statusOf('?limit=100', SERIES.map(at(time)), { now: () => time });
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
    expect(Object.keys(ours.headStats).sort()).toEqual(Object.keys(theirs.headStats).sort());
    const { numSeries } = theirs.headStats;
    expect(ours.headStats['numSeries']).toBe(numSeries);
    // Prometheus 2 counts the bytes of labels in another way, and the index's own empty label as a pair.
    const isTwo = found?.version.startsWith('2.') === true;
    if (!isTwo) expect(ours.headStats['numLabelPairs']).toBe(theirs.headStats['numLabelPairs']);
    for (const list of LISTS) {
      if (isTwo && list === 'memoryInBytesByLabelName') continue;
      expect([list, byName(ours[list])]).toEqual([list, byName(theirs[list])]);
    }
  });
});

if (found === undefined) {
  console.warn(`skipped: there is no ${PROMETHEUS} (Debian package prometheus)`);
  it.skip(`needs ${PROMETHEUS}`, () => {});
}

async function statusOf(
  parameters: string,
  points: readonly Point[],
  changes: Parameters<typeof apiOf>[0] = {},
): Promise<TsdbStatus> {
  const storage = await storageWith(points);
  const response = await apiOf({ storage, ...changes }).fetch(get(`/api/v1/status/tsdb${parameters}`));
  return ((await response.json()) as { readonly data: TsdbStatus }).data;
}

function at(time: number) {
  return (text: string | Labels): Point => [text, time, 1];
}

function stat(name: string, value: number): Statistic {
  return { name, value };
}

function lengths(status: Lists): number[] {
  return LISTS.map((list) => status[list].length);
}

function byName(list: readonly Statistic[]): Statistic[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
