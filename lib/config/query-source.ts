import { DEFAULT_ANSWER_LIMITS, type QuerySource, type ScopeConfig } from '../context/tenant.ts';
import type { EvaluationSettings } from '../pipeline/evaluate/evaluation-settings.ts';
import { RATE_WINDOW_MS } from '../plan/widen-windows.ts';
import { parseDuration } from '../promql/duration.ts';
import type { YamlPath } from '../rules/yaml-file.ts';
import { asRemoteAccess, type Finding, remoteAccessProblems, urlProblems } from './remote-access.ts';
import type { WrittenQuerySource, WrittenSource } from './source-schema.ts';

const DEFAULTS = { interval: 60_000, timeout: 10_000, delay: 30_000, maxCatchUp: 3600_000 } as const;

/** A question must end, and its results be stored, before the function's own time is over. */
const MAX_TIMEOUT = 30_000;

/** The period of the schedule on AWS. */
const SCHEDULE = 60_000;

/** More often than this nobody should evaluate all rules. */
const MIN_INTERVAL = 1000;

/** Fills in the defaults of a query source. */
export function asQuerySource(written: WrittenQuerySource, scope: ScopeConfig): QuerySource {
  const { limits = {} } = written;
  return {
    name: written.name,
    type: 'query',
    url: written.url.replace(/\/+$/, ''),
    ...times(written),
    access: asRemoteAccess(written),
    limits: {
      maxBodyBytes: limits.max_body_bytes ?? DEFAULT_ANSWER_LIMITS.maxBodyBytes,
      maxSamples: limits.max_samples ?? DEFAULT_ANSWER_LIMITS.maxSamples,
      maxConcurrency: limits.max_concurrency ?? DEFAULT_ANSWER_LIMITS.maxConcurrency,
    },
    scope,
  };
}

/** What a query source's values must be to each other. */
export function querySourceProblems(source: WrittenQuerySource, path: YamlPath): Finding[] {
  const { interval, timeout, maxCatchUp } = times(source);
  const at = (key: string, message: string): Finding => [[...path, key], message];
  return [
    ...urlProblems(source.url, [...path, 'url']),
    ...(interval < MIN_INTERVAL ? [at('interval', 'must be at least 1s')] : []),
    ...(timeout < 1 || timeout > MAX_TIMEOUT ? [at('timeout', 'must be more than 0s and at most 30s')] : []),
    ...(maxCatchUp < interval ? [at('max_catch_up', 'must not be less than interval')] : []),
    ...remoteAccessProblems(source, path),
  ];
}

/**
 * Rules are evaluated either over stored samples or by the user's server. In one tenant the two would write the same
 * series, and each would end those of the other.
 */
export function mixedSourceProblems(sources: readonly WrittenSource[], path: YamlPath): Finding[] {
  const others = sources.filter(({ type }) => type !== 'query');
  if (others.length === 0) return [];
  return sources.flatMap((source, i): Finding[] => {
    const message = `source ${source.name} is of type query and ${others[0]?.name} is not; give the two different tenants`;
    return source.type === 'query' ? [[[...path, i, 'type'], message]] : [];
  });
}

/** What can be used but will surprise. */
export function querySourceWarnings(
  source: WrittenQuerySource,
  path: YamlPath,
  evaluation: EvaluationSettings,
): Finding[] {
  const { interval } = times(source);
  const warnings: Finding[] = [];
  if (interval < SCHEDULE) {
    const message = `is ${source.interval}; on AWS the schedule runs once a minute and then asks for all times since`;
    warnings.push([[...path, 'interval'], message]);
  }
  if ((evaluation.widestWindow ?? RATE_WINDOW_MS) > RATE_WINDOW_MS) {
    const message =
      'with evaluation.widest_window the server cannot add up by itself and gives every series; leave it out, and write rules with ' +
      'wider windows for slow sources (docs/rules.md)';
    warnings.push([path, message]);
  }
  if (source.auth !== undefined && source.auth.type !== 'sigv4' && source.url.startsWith('http://')) {
    warnings.push([[...path, 'url'], `credentials travel to ${source.url} in clear text; use https`]);
  }
  return warnings;
}

function times(source: WrittenQuerySource): Pick<QuerySource, 'interval' | 'timeout' | 'delay' | 'maxCatchUp'> {
  const ms = (text: string | undefined, absent: number) =>
    text === undefined ? absent : (parseDuration(text) ?? absent);
  return {
    interval: ms(source.interval, DEFAULTS.interval),
    timeout: ms(source.timeout, DEFAULTS.timeout),
    delay: ms(source.delay, DEFAULTS.delay),
    maxCatchUp: ms(source.max_catch_up, Math.max(DEFAULTS.maxCatchUp, ms(source.interval, DEFAULTS.interval))),
  };
}
