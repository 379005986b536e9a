import type { CompactionReader } from '../storage/compactor.ts';
import { RETENTION_CLASSES } from '../storage/interface.ts';
import { DAY_MS, type TimeRange } from '../storage/retention-window.ts';
import { ApiError } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { labelStatistics } from './label-statistics.ts';
import type { Params } from './params/params.ts';

/**
 * `GET /api/v1/status/tsdb?limit=10`: what series there are and which labels make them many, as Prometheus tells it of its
 * head. Ours are the days that the last two hours touch: labels are listed by day. No sample is read.
 */
export async function statusTsdb(
  { params, tenant, querier, signal }: Call,
  { compaction, now }: ApiDependencies,
): Promise<Answer> {
  const limit = limitOf(params);
  const head = headOf(now());
  const [series, chunkCount] = await Promise.all([
    querier.series({ mint: head.mint, maxt: head.maxt, limit: MAX_SERIES, signal }),
    chunksOf(compaction, tenant.name, head),
  ]);
  const { numLabelPairs, ...lists } = labelStatistics(series, limit);
  const headStats = { numSeries: series.length, numLabelPairs, chunkCount, minTime: head.mint, maxTime: head.maxt };
  const warnings = series.length < MAX_SERIES ? [] : [`more than ${MAX_SERIES} series: the counts cover only these`];
  return { data: (out) => out.write(JSON.stringify({ headStats, ...lists })), warnings };
}

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 10_000;

/** What fits into the function's memory beside everything else. */
const MAX_SERIES = 200_000;

/** As long as a head of Prometheus has samples at least. */
const HEAD_MS = 2 * 3600_000;

/** In the words of Prometheus. */
function limitOf(params: Params): number {
  const text = params.get('limit');
  if (text === '') return DEFAULT_LIMIT;
  const limit = /^[+-]?\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || !Number.isSafeInteger(limit)) throw new ApiError('bad_data', 'limit must be a positive number');
  if (limit > MAX_LIMIT) throw new ApiError('bad_data', `limit must not exceed ${MAX_LIMIT}`);
  return limit;
}

function headOf(now: number): TimeRange {
  return { mint: Math.floor((now - HEAD_MS) / DAY_MS) * DAY_MS, maxt: now };
}

async function chunksOf(compaction: CompactionReader, tenant: string, head: TimeRange): Promise<number> {
  const counts = await Promise.all(RETENTION_CLASSES.map((of) => compaction.chunks(tenant, of, head)));
  return counts.reduce((sum, count) => sum + count, 0);
}
