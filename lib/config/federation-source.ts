import { DEFAULT_PAGE_LIMITS, type FederationSource, type IntakeLimits, type ScopeConfig } from '../context/tenant.ts';
import { parseDuration } from '../promql/duration.ts';
import type { YamlPath } from '../rules/yaml-file.ts';
import { asRemoteAccess, type Finding, remoteAccessProblems, urlProblems } from './remote-access.ts';
import type { WrittenFederationSource } from './source-schema.ts';

const DEFAULT_INTERVAL = 60_000;
const DEFAULT_TIMEOUT = 10_000;

/** A scrape must end, and be queued, before the function's own time is over. */
const MAX_TIMEOUT = 45_000;

/** More often than this nobody should read a whole Prometheus. */
const MIN_INTERVAL = 1000;

/** The period of the schedule on AWS. */
const SCHEDULE = 60_000;

/** Fills in the defaults of a federation source. */
export function asFederationSource(
  written: WrittenFederationSource,
  scope: ScopeConfig,
  tenantLimits: IntakeLimits,
): FederationSource {
  const { interval, timeout } = times(written);
  return {
    name: written.name,
    type: 'federation',
    servers: written.servers.map((url) => url.replace(/\/+$/, '')),
    interval,
    timeout,
    honorLabels: written.honor_labels ?? true,
    access: asRemoteAccess(written),
    limits: {
      maxBodyBytes: written.limits?.max_body_bytes ?? DEFAULT_PAGE_LIMITS.maxBodyBytes,
      maxSamples: written.limits?.max_samples ?? DEFAULT_PAGE_LIMITS.maxSamples,
      maxLabelsPerSeries: written.limits?.max_labels_per_series ?? tenantLimits.maxLabelsPerSeries,
    },
    scope,
  };
}

/** What a federation source's values must be to each other. */
export function federationProblems(source: WrittenFederationSource, path: YamlPath): Finding[] {
  const { interval, timeout } = times(source);
  const at = (key: string, message: string): Finding => [[...path, key], message];
  return [
    ...source.servers.flatMap((url, i) => urlProblems(url, [...path, 'servers', i])),
    ...source.servers.flatMap((url, i): Finding[] =>
      source.servers.indexOf(url) === i
        ? []
        : [[[...path, 'servers', i], `server ${url} stands here twice; remove one`]],
    ),
    ...(interval < MIN_INTERVAL ? [at('interval', 'must be at least 1s')] : []),
    ...(timeout < 1 || timeout > MAX_TIMEOUT ? [at('timeout', 'must be more than 0s and at most 45s')] : []),
    ...(timeout > interval
      ? [at(source.timeout === undefined ? 'interval' : 'timeout', 'the timeout must not be longer than the interval')]
      : []),
    ...remoteAccessProblems(source, path),
  ];
}

/** What can be used but will surprise. */
export function federationWarnings(source: WrittenFederationSource, path: YamlPath): Finding[] {
  const { interval } = times(source);
  const warnings: Finding[] = [];
  if (interval < SCHEDULE || interval % SCHEDULE !== 0) {
    const message = `is ${source.interval}; on AWS the schedule runs once a minute, so a server is scraped at the next whole minute`;
    warnings.push([[...path, 'interval'], message]);
  }
  const secret = source.auth !== undefined && source.auth.type !== 'sigv4';
  for (const [i, url] of source.servers.entries()) {
    if (secret && url.startsWith('http://'))
      warnings.push([[...path, 'servers', i], `credentials travel to ${url} in clear text; use https`]);
  }
  return warnings;
}

function times({ interval, timeout }: WrittenFederationSource): { interval: number; timeout: number } {
  const every = interval === undefined ? DEFAULT_INTERVAL : (parseDuration(interval) ?? DEFAULT_INTERVAL);
  const fallback = Math.min(DEFAULT_TIMEOUT, every);
  return { interval: every, timeout: timeout === undefined ? fallback : (parseDuration(timeout) ?? fallback) };
}
