import { Labels } from '../../../lib/model/labels.ts';
import { Matcher } from '../../../lib/model/matcher.ts';
import type { QueryData, QueryResult, ResultSeries } from '../../../lib/promql/result.ts';
import type { Querier } from '../../../lib/storage/interface.ts';
import type { ScriptEngine } from '../script/run-script.ts';
import { ScriptStorage } from '../script/script-storage.ts';
import { parseValue } from './parse-value.ts';
import { type ApiResponse, type ApiSeries, PrometheusServer } from './prometheus-server.ts';

const NO_STATS = { totalQueryableSamples: 0, peakSamples: 0, parseMs: 0, storeMs: 0, evalMs: 0 };

/**
 * Puts scripts to a real Prometheus, which tests the scripts and their runner instead of our engine. Whenever a script
 * has loaded or cleared data, a new server is started and given all of it. Floats only.
 */
export class PrometheusScriptEngine implements ScriptEngine {
  readonly #binary: string;
  readonly #flags: readonly string[];
  #server: PrometheusServer | undefined;
  #loaded: readonly [storage: ScriptStorage, generation: number] | undefined;

  constructor(binary: string, flags: readonly string[]) {
    this.#binary = binary;
    this.#flags = flags;
  }

  async instantQuery(querier: Querier, query: string, timeMs: number): Promise<QueryResult> {
    const server = await this.#serverFor(querier);
    return toResult(await server.api('query', { query, time: String(timeMs / 1000) }));
  }

  async rangeQuery(
    querier: Querier,
    query: string,
    { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
  ): Promise<QueryResult> {
    const server = await this.#serverFor(querier);
    const times = { start: String(start / 1000), end: String(end / 1000), step: String(step / 1000) };
    return toResult(await server.api('query_range', { query, ...times }));
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  async #serverFor(querier: Querier): Promise<PrometheusServer> {
    if (!(querier instanceof ScriptStorage)) throw new Error('BUG: scripts read from a ScriptStorage');
    const [storage, generation] = this.#loaded ?? [];
    if (this.#server !== undefined && storage === querier && generation === querier.generation) return this.#server;
    await this.stop();
    this.#server = await PrometheusServer.start(this.#binary, this.#flags);
    this.#loaded = [querier, querier.generation];
    const series = await querier.select({ mint: -Infinity, maxt: Infinity }, new Matcher('!=', '__name__', '\ud800'));
    await this.#server.write(series);
    return this.#server;
  }
}

function toResult(response: ApiResponse): QueryResult {
  if (response.status === 'error' || response.data === undefined) throw new Error(response.error ?? 'no data');
  const { warnings = [], infos = [] } = response;
  return { data: toData(response.data), warnings, infos, stats: NO_STATS };
}

function toData(data: NonNullable<ApiResponse['data']>): QueryData {
  switch (data.resultType) {
    case 'matrix':
      return { kind: 'matrix', series: data.result.map(toSeries) };
    case 'vector':
      return {
        kind: 'vector',
        samples: data.result.map(({ metric, value = [0, 'NaN'] }) => ({
          labels: Labels.from(metric),
          timestamp: Math.round(value[0] * 1000),
          value: parseValue(value[1]),
        })),
      };
    case 'scalar':
      return { kind: 'scalar', timestamp: Math.round(data.result[0] * 1000), value: parseValue(data.result[1]) };
    case 'string':
      return { kind: 'string', timestamp: Math.round(data.result[0] * 1000), value: data.result[1] };
  }
}

function toSeries({ metric, values = [] }: ApiSeries): ResultSeries {
  return {
    labels: Labels.from(metric),
    timestamps: Float64Array.from(values, ([seconds]) => Math.round(seconds * 1000)),
    values: Float64Array.from(values, ([, value]) => parseValue(value)),
    histogramTimestamps: new Float64Array(),
    histograms: [],
  };
}
