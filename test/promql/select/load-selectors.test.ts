import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import type { Downsampling, Querier, SelectHints, Series } from '../../../lib/storage/interface.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 100 * DAY;
const KEPT: Downsampling = { finest: 5 * MINUTE, fullFrom: NOW - 30 * DAY };

/** What a query asks the store for: the value and the widest windows (minutes) of each select, or `samples`. */
async function asked(query: string, downsampling: Downsampling | undefined, time = NOW): Promise<string[]> {
  const seen: SelectHints[] = [];
  await new Engine().instantQuery(querierOf(downsampling, [], seen), query, time, { maxSourceResolution: 'auto' });
  return seen.map(({ windows }) =>
    windows === undefined ? 'samples' : `${windows.value} ${windows.preferred / MINUTE}`,
  );
}

function querierOf(downsampling: Downsampling | undefined, series: readonly Series[], seen: SelectHints[]): Querier {
  return {
    ...(downsampling && { downsampling }),
    select: async (hints) => {
      seen.push(hints);
      return series;
    },
    series: async () => [],
    labelNames: async () => [],
    labelValues: async () => [],
    metadata: async () => [],
  };
}

describe('the reads of a query', () => {
  const mean = 'sum_over_time(x[1h]) / count_over_time(x[1h])';

  it('are shared by equal selectors, as long as windows cannot answer', async () => {
    expect(await asked(mean, undefined)).toEqual(['samples']);
    expect(await asked('sum_over_time(x[10m]) / count_over_time(x[10m])', KEPT)).toEqual(['samples']);
  });

  it('end as soon as the store tells of more samples than a query may hold, each perhaps twice', async () => {
    const told = (count: number): Querier => ({
      ...querierOf(undefined, [], []),
      select: async ({ onSamples }) => {
        onSamples?.(count);
        return [];
      },
    });
    const ask = (count: number) => new Engine().instantQuery(told(count), 'x + y', NOW, { maxSamples: 10 });
    await expect(ask(10)).resolves.toBeDefined();
    await expect(ask(11)).rejects.toThrow('query processing would load too many samples into memory');
  });

  it('are apart where they ask for different columns of windows', async () => {
    expect(await asked(mean, KEPT)).toEqual(['sum 12', 'count 12']);
    expect(await asked('max_over_time(x[1h]) - max_over_time(x[1h])', KEPT)).toEqual(['max 12']);
  });

  it('may be answered by windows of any width where samples are gone', async () => {
    expect(await asked('rate(x[5m])', KEPT, NOW - 29 * DAY)).toEqual(['samples']);
    expect(await asked('rate(x[5m])', KEPT, NOW - 31 * DAY)).toEqual(['counter 1']);
  });
});

describe('an answer from windows', () => {
  const series: Series = {
    labels: Labels.from({ __name__: 'x' }),
    floats: { timestamps: Float64Array.of(DAY + 30 * MINUTE, DAY + 2 * HOUR + 1), values: Float64Array.of(6, 8) },
    downsampled: {
      segments: [{ after: DAY, upTo: DAY + 2 * HOUR, width: HOUR }],
      counts: Float64Array.of(3, 1),
    },
  };
  const ask = (query: string, start: number, end: number) =>
    new Engine().rangeQuery(
      querierOf(KEPT, [series], []),
      query,
      { start, end, step: HOUR / 2 },
      {
        maxSourceResolution: HOUR,
        lookbackDelta: HOUR,
      },
    );

  it('says so, where the selector stands', async () => {
    const { infos } = await ask('1 + x', DAY + HOUR, DAY + HOUR);
    expect(infos).toEqual([
      'PromQL info: answered from windows of 1h up to 1970-01-02T02:00:00.000Z; max_source_resolution=0s asks for samples alone (1:5)',
    ]);
  });

  it('gives between two ends of windows what was at the first', async () => {
    const { data } = await ask('x', DAY + HOUR, DAY + 2 * HOUR);
    expect(data.kind === 'matrix' && [...(data.series[0]?.timestamps ?? [])]).toEqual([DAY + HOUR, DAY + 1.5 * HOUR]);
  });

  it('counts what its floats stand for', async () => {
    const end = DAY + 2.5 * HOUR;
    const values = async (query: string) => {
      const { data } = await ask(query, end, end);
      return data.kind === 'matrix' && data.series[0]?.values[0];
    };
    expect(await values('count_over_time(x[3h])')).toBe(4);
    expect(await values('avg_over_time(x[3h])')).toBe(3.5);
  });
});
