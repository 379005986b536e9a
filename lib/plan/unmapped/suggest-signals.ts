import { unitInName } from '../../rules/signals/duration-unit.ts';
import { limitedPairs } from './limited-pairs.ts';
import type { MetricFamily } from './metric-family.ts';
import { suggestedContext, suggestedFailures, tellsOutcome } from './request-labels.ts';

/** What metrics that nobody reads may be about. */
export const SUGGESTION_GROUPS = [
  'latency histograms',
  'latency by sum and count',
  'request counters',
  'error counters',
  'resources with a limit',
  'resource counters',
  'resource gauges',
  'versions',
  'anything else',
] as const;
export type SuggestionGroup = (typeof SUGGESTION_GROUPS)[number];

/** A guess at one or two families, for a person to judge. */
export interface Suggestion {
  readonly group: SuggestionGroup;
  readonly families: readonly MetricFamily[];
  /** As they stand in a signals file. Empty where nothing can be guessed. */
  readonly signals: readonly WrittenSignal[];
}

export type WrittenSignal = { readonly kind: string; readonly name: string; readonly [key: string]: unknown };

/** Guesses at what families are about, by their types, names, units and labels. Each family is in one suggestion. */
export function suggestSignals(families: readonly MetricFamily[]): Suggestion[] {
  const gauges = families.filter(({ type }) => type === 'gauge' || type === 'unknown');
  const pairs = limitedPairs(gauges);
  const averages = countedDurations(families);
  const paired = new Set([
    ...pairs.flatMap(({ used, limit }) => [used, limit]),
    ...averages.flatMap(({ sum, count }) => [sum, count]),
  ]);
  const suggestions = [
    ...pairs.map(ofPair),
    ...averages.map(ofAverage),
    ...families.filter((family) => !paired.has(family)).map((family) => suggestionFor(family)),
  ];
  const order = ({ group }: Suggestion) => SUGGESTION_GROUPS.indexOf(group);
  return withDistinctNames(suggestions.sort((a, b) => order(a) - order(b)));
}

/** Names are the groups of rules, and resource types of one source tell its resources apart. */
function withDistinctNames(suggestions: readonly Suggestion[]): Suggestion[] {
  const taken = new Set<string>();
  const distinct = (scope: string, wanted: string, separator: string): string => {
    let name = wanted;
    for (let i = 2; taken.has(`${scope}\0${name}`); i++) name = `${wanted}${separator}${i}`;
    taken.add(`${scope}\0${name}`);
    return name;
  };
  const named = (signal: WrittenSignal): WrittenSignal => {
    const renamed = { ...signal, name: distinct('name', signal.name, '-') };
    const { source, resource_type: type } = signal;
    if (typeof type !== 'string') return renamed;
    return { ...renamed, resource_type: distinct(String(source), type, '_') };
  };
  return suggestions.map((suggestion) => ({ ...suggestion, signals: suggestion.signals.map(named) }));
}

function suggestionFor(family: MetricFamily): Suggestion {
  switch (family.type) {
    case 'histogram':
      return ofHistogram(family);
    case 'summary':
      return ofSummary(family);
    case 'counter':
      return ofCounter(family);
    case 'info':
      return ofInfo(family);
    case 'gauge':
    case 'unknown':
      return family.name.endsWith('_info') ? ofInfo(family) : ofGauge(family);
    default:
      return unknown(family);
  }
}

function unknown(family: MetricFamily): Suggestion {
  return { group: 'anything else', families: [family], signals: [] };
}

function ofHistogram(family: MetricFamily): Suggestion {
  const unit = durationUnit(family);
  if (unit === undefined) return unknown(family);
  const signal = { kind: 'histogram', ...requestKeys(family), metric: family.name, unit, ...failuresOf(family) };
  return { group: 'latency histograms', families: [family], signals: [signal] };
}

function ofSummary(family: MetricFamily): Suggestion {
  const unit = durationUnit(family);
  if (unit === undefined) return unknown(family);
  const { name } = family;
  const keys = requestKeys(family);
  const quantiles = family.quantiles.flatMap((value) => {
    const known = { '0.95': 'p95', '0.99': 'p99' }[value];
    return known === undefined ? [] : [[value, known] as const];
  });
  const average = {
    kind: 'latencyAverage',
    ...keys,
    name: `${keys.name}-average`,
    sum: `${name}_sum`,
    sum_unit: unit,
    count: `${name}_count`,
  };
  const requests = { kind: 'requestRate', ...keys, metric: `${name}_count`, type: 'counter', ...failuresOf(family) };
  const ready = {
    kind: 'latencyQuantile',
    ...keys,
    name: `${keys.name}-quantiles`,
    summary: name,
    unit,
    quantiles: Object.fromEntries(quantiles),
  };
  const signals = [requests, average, ...(quantiles.length === 0 ? [] : [ready])];
  return { group: 'latency by sum and count', families: [family], signals };
}

const ERRORS = /(^|_)(errors?|failed|failures?|exceptions?|rejected|rejections|timeouts?|unavailable)(_|$)/i;
const REQUESTS =
  /(^|_)(requests?|calls?|quer(y|ies)|messages?|operations?|ops|commands?|cmds?|invocations?|handled|executions?|transactions?|jobs|tasks|hits|lookups|rpcs?)(_|$)/i;

function ofCounter(family: MetricFamily): Suggestion {
  const { name, labels } = family;
  if (AMOUNTS.test(name)) return ofResource(family, 'resource counters', 'counter');
  if (durationUnit(family) !== undefined) return unknown(family);
  if (ERRORS.test(name)) {
    const errors = [{ type: 'server_errors', when: '' }];
    const signal = { kind: 'requestError', ...requestKeys(family), metric: name, type: 'counter', errors };
    return { group: 'error counters', families: [family], signals: [signal] };
  }
  if (!REQUESTS.test(name) && !tellsOutcome(labels)) return unknown(family);
  const signal = { kind: 'requestRate', ...requestKeys(family), metric: name, type: 'counter', ...failuresOf(family) };
  return { group: 'request counters', families: [family], signals: [signal] };
}

const AMOUNTS = /(^|_)(bytes|cpu|joules|octets)(_|$)/i;

/** Points in time are no amounts, whatever they are the time of. */
const TIMES = /timestamp|(^|_)time_seconds$|_(min|desired)$/i;

const GAUGES =
  /(^|_)(bytes|connections?|threads?|goroutines|fds|sockets|sessions|clients|workers|queued?|depth|lag|backlog|pending|entries|size|length|utili[sz]ation|usage|used|percent|ratio|load[0-9]*)(_|$)/i;

function ofGauge(family: MetricFamily): Suggestion {
  return GAUGES.test(family.name) && !TIMES.test(family.name)
    ? ofResource(family, 'resource gauges', 'gauge')
    : unknown(family);
}

function ofResource(family: MetricFamily, group: SuggestionGroup, type: 'counter' | 'gauge'): Suggestion {
  const { name } = family;
  const keys = { ...commonKeys(family), resource_type: resourceType(name), entity_type: 'Service' };
  return { group, families: [family], signals: [{ kind: 'resource', ...keys, metric: name, type }] };
}

function ofPair({ used, limit }: { used: MetricFamily; limit: MetricFamily }): Suggestion {
  const signal = {
    kind: 'utilisation',
    ...commonKeys(used),
    resource_type: resourceType(used.name, 'usage'),
    entity_type: 'Service',
    used: used.name,
    limit: limit.name,
    ...partsOf(used, limit),
  };
  return { group: 'resources with a limit', families: [used, limit], signals: [signal] };
}

interface CountedDuration {
  readonly sum: MetricFamily;
  readonly count: MetricFamily;
}

/** Counters of time beside counters of what took it: `x_duration_seconds_total` and `x_calls_total`. */
function countedDurations(families: readonly MetricFamily[]): CountedDuration[] {
  const counters = new Map(families.filter(({ type }) => type === 'counter').map((family) => [family.name, family]));
  const taken = new Set<MetricFamily>();
  return [...counters.values()].flatMap((sum) => {
    const base = /^(.+?)(?:_duration|_time|_latency)?_(?:milli|micro|nano)?seconds_total$/.exec(sum.name)?.[1];
    const names = ['calls', 'requests', 'operations', 'ops', 'queries', 'executions', 'count'].map(
      (word) => `${base}_${word}_total`,
    );
    const count = [...names, `${base}_total`].map((name) => counters.get(name)).find((found) => found !== undefined);
    if (count === undefined || taken.has(count) || AMOUNTS.test(sum.name)) return [];
    taken.add(count);
    return [{ sum, count }];
  });
}

function ofAverage({ sum, count }: CountedDuration): Suggestion {
  const { name, ...keys } = requestKeys(count);
  const unit = durationUnit(sum);
  const requests = {
    kind: 'requestRate',
    name,
    ...keys,
    metric: count.name,
    type: 'counter',
    ...failuresOf(count),
  };
  const average = {
    kind: 'latencyAverage',
    name: `${name}-average`,
    ...keys,
    sum: sum.name,
    sum_unit: unit,
    count: count.name,
  };
  return { group: 'latency by sum and count', families: [sum, count], signals: [requests, average] };
}

/** Labels by which both sides have parts; those that every series has from its scrape tell no parts apart. */
function partsOf(used: MetricFamily, limit: MetricFamily): { by?: readonly string[] } {
  const by = [...used.labels.keys()].filter(
    (name) => limit.labels.has(name) && !['job', 'instance'].includes(name) && (used.labels.get(name)?.length ?? 0) > 1,
  );
  return by.length === 0 ? {} : { by };
}

function ofInfo(family: MetricFamily): Suggestion {
  const label = [...family.labels.keys()].find((name) => /(^|_)version$/.test(name));
  if (label === undefined) return unknown(family);
  const isRuntime = /^(go|python|jvm|nodejs|dotnet|process_runtime)_/.test(family.name);
  const signal = {
    kind: 'info',
    ...commonKeys(family),
    version_type: isRuntime ? 'runtime' : 'service',
    metric: family.name,
    ...(label === 'version' ? {} : { version_label: label }),
  };
  return { group: 'versions', families: [family], signals: [signal] };
}

function commonKeys({ name }: MetricFamily): { name: string; source: string } {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const source = /^[a-z][a-z0-9]*/.exec(words)?.[0] ?? 'own';
  return { name: words, source };
}

function requestKeys(family: MetricFamily): { name: string; source: string; request_type: string; context?: string[] } {
  const { name, source } = commonKeys(family);
  const told = suggestedContext(family.labels);
  const context = told.length > 0 ? told : operationIn(family.name);
  const keys = { name, source, request_type: requestType(family) };
  return context.length === 0 ? keys : { ...keys, context };
}

/** What a name is about beside its source: without any context, different things of one source would be added up. */
function operationIn(name: string): string[] {
  const words = name
    .split('_')
    .slice(1)
    .filter((word) => !NO_OPERATION.test(word));
  return words.length === 0 ? [] : [words.join('_')];
}

const NO_OPERATION =
  /^(total|count|calls?|requests?|http|grpc|server|client|duration|latency|time|(milli|micro|nano)?seconds|ms|errors?|failed|failures?|timeouts?)$/i;

function failuresOf(family: MetricFamily) {
  return suggestedFailures(family.labels, requestType(family));
}

/** The direction that a name tells. */
function requestType({ name, labels }: MetricFamily): string {
  if (/(^|_)(client|outgoing|outbound|upstream|egress|producer|sent|published)(_|$)/i.test(name)) return 'outbound';
  if (/(^|_)(server|http|grpc|rpc|incoming|inbound|ingress|requests?|consumer|received)(_|$)/i.test(name)) {
    return 'inbound';
  }
  if (/(^|_)(quer(y|ies)|sql|db|database)(_|$)/i.test(name)) return 'query';
  return ['route', 'handler', 'uri', 'path'].some((label) => labels.has(label)) ? 'inbound' : 'internal';
}

function durationUnit({ name, unit }: MetricFamily) {
  return unitInName(unit) ?? unitInName(name);
}

/** `process_resident_memory_bytes` is `memory:resident`; what a name does not tell is named by itself. */
function resourceType(name: string, detail?: string): string {
  const words = name
    .toLowerCase()
    .replace(/_total$/, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  const resource = RESOURCES.find(([, pattern]) => words.some((word) => pattern.test(word)))?.[0];
  const rest = words.slice(1).filter((word) => !UNITS.has(word) && word !== resource);
  const shown = (detail ?? rest.join('_')) || 'amount';
  return `${resource ?? wordOf(words)}:${/^[a-z]/.test(shown) ? shown : `of_${shown}`}`;
}

function wordOf(words: readonly string[]): string {
  return words.find((word) => /^[a-z]/.test(word)) ?? 'resource';
}

const UNITS = new Set(['bytes', 'seconds', 'total', 'ratio', 'percent']);

const RESOURCES: readonly (readonly [string, RegExp])[] = [
  ['heap', /^heap$/],
  ['memory', /^(memory|mem|rss|memstats)$/],
  ['cpu', /^(cpu|load[0-9]*)$/],
  ['disk', /^(disk|filesystem|storage|volume|wal)$/],
  ['network', /^(network|net|received?|sent|rx|tx|transmit|transmitted)$/],
  ['fd', /^(fds?|files)$/],
  ['connections', /^(connections?|conns?|clients|sockets)$/],
  ['threads', /^(threads?|goroutines|workers)$/],
  ['queue', /^(queued?|lag|backlog|pending|depth)$/],
  ['cache', /^cache$/],
];
