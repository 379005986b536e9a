import { describe, expect, it } from 'vitest';
import { JsonWriter } from '../../lib/api/json/json-writer.ts';
import { writeQueryData } from '../../lib/api/json/write-query-data.ts';
import type { Histogram } from '../../lib/model/histogram.ts';
import { Labels } from '../../lib/model/labels.ts';
import { finishRules, type QueryOutcome, type RuleOutcome } from '../../lib/pipeline/query-source-finish.ts';
import { QuerySourceMemory } from '../../lib/pipeline/query-source-memory.ts';
import { pushDown } from '../../lib/plan/push-down.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { parseQueryAnswer } from '../../lib/remote/query-answer.ts';
import type { RemoteClient } from '../../lib/remote/remote-client.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';
import { planOf, SCOPE } from '../plan/fixture.ts';

const MINUTE = 60_000;
const TIMES = { start: 10 * MINUTE, end: 12 * MINUTE, step: MINUTE };
const PLAN = planOf(`
  kept:latency = latency
  job:latency:rate5m = sum by (job, env) (rate(kept:latency[5m]))
  job:latency:p50 = histogram_quantile(0.5, sum by (job, env) (rate(kept:latency[5m])))
  job:latency:count = sum by (job, env) (histogram_count(rate(kept:latency[5m])))
`);

/** The user's server: two instances of a service, asked over HTTP. */
async function askServer(expr: string): Promise<QueryOutcome> {
  const storage = new MemoryStorage();
  const appender = storage.appender('user', 'normalised');
  for (const [i, instance] of ['a', 'b'].entries()) {
    const labels = Labels.from({ __name__: 'latency', job: 'shop', env: 'prod', instance });
    for (let time = 0; time <= 12; time++)
      appender.appendHistogram(labels, latency(time * MINUTE, time * (i + 1) * 60));
  }
  await appender.commit();
  const { data } = await new Engine().rangeQuery(storage.querier('user'), expr, TIMES);
  const out = new JsonWriter();
  out.write('{"status":"success","data":');
  writeQueryData(out, data);
  out.write('}');
  return { kind: 'answered', series: parseQueryAnswer(String(out.toBuffer()), 1000).series };
}

describe('rules over native histograms of a query source', () => {
  it('are computed from what the server answers, and their results are stored', async () => {
    const pushed = pushDown(PLAN, SCOPE);
    const outcomes: QueryOutcome[] = [];
    for (const { expr } of pushed.queries) outcomes.push(await askServer(expr));
    const dropped: string[] = [];
    const results = await finishRules(pushed, outcomes, TIMES, new Engine(), ({ reason }) => dropped.push(reason));
    expect(dropped).toEqual([]);
    const stored = await store(results);
    const of = (name: string) => stored.find(({ labels }) => labels.metricName === name);
    const rate = of('job:latency:rate5m')?.histograms?.histograms ?? [];
    // 60 and 120 requests a minute, two thirds of them within 1 s.
    expect(rate.map(({ timestamp, schema, count }) => [timestamp / MINUTE, schema, count])).toEqual(
      [10, 11, 12].map((time) => [time, 0, expect.closeTo(3)]),
    );
    expect([...(of('job:latency:count')?.floats.values ?? [])]).toEqual([3, 3, 3].map((one) => expect.closeTo(one)));
    expect([...(of('job:latency:p50')?.floats.values ?? [])]).toEqual([1, 2, 3].map(() => expect.closeTo(2 ** -0.25)));
  });
});

async function store(results: readonly RuleOutcome[]) {
  const storage = new MemoryStorage();
  const appender = storage.appender('us', 'derived');
  const memory = new QuerySourceMemory({} as RemoteClient);
  memory.append(
    results,
    [10, 11, 12].map((time) => time * MINUTE),
    appender,
  )();
  await appender.commit();
  return storage.querier('us').select({ mint: 0, maxt: 20 * MINUTE });
}

function latency(timestamp: number, count: number): Histogram {
  return {
    ...STALE_HISTOGRAM,
    timestamp,
    count,
    sum: count,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveDeltas: [(count * 2) / 3, -count / 3],
  };
}
