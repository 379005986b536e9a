import type { FederationSource, Source } from '../../context/tenant.ts';
import { Labels } from '../../model/labels.ts';
import { federationMatchers, federationPages } from '../../plan/federation-matchers.ts';
import type { Plan } from '../../plan/plan.ts';
import { newSelection } from '../../plan/selection.ts';
import { federate } from '../../remote/federate.ts';
import { nameChunks } from '../../remote/name-chunks.ts';
import { RemoteError } from '../../remote/remote-error.ts';
import { ExpositionError } from '../../textparse/errors.ts';
import { parsePage } from '../../textparse/parse-page.ts';
import { checkClock, checkFreshness } from './check-clock.ts';
import { checkExpected } from './check-expected.ts';
import { checkPacks, type PackNeeds } from './check-packs.ts';
import { checkScope } from './check-scope.ts';
import { type ExpectedSeries, expectSeries } from './expect-series.ts';
import { explainFailure } from './explain-failure.ts';
import type { Examined, Finding } from './finding.ts';
import { identifyServer } from './identify-server.ts';
import { dataOf, type Probe, type Probed } from './probe.ts';

export interface Examination {
  readonly source: Source;
  readonly plan: Plan;
  readonly needs: readonly PackNeeds[];
  /** What the server adds to its series when it sends them; nothing where it answers with them. */
  readonly externalLabels?: (labels: Labels) => Labels;
}

/** Raw series as they reach us, and the time of the newest sample (ms). */
interface RawSeries {
  readonly labels: readonly Labels[];
  readonly newest: number | undefined;
  /** How many series of the server each of these stands for. */
  readonly scale: number;
}

/** Examines a server by its query API: what is wrong with it, what it has, what that will be and cost. */
export async function examineServer(probe: Probe, examination: Examination): Promise<Examined> {
  const subject = probe.client.url;
  let answer: Probed;
  try {
    answer = await askTime(probe);
  } catch (error) {
    return { subject, findings: [explainFailure('reach', error)] };
  }
  let known: readonly Finding[] = [];
  try {
    known = await examineApi(probe, answer);
    const names = await metricNames(probe);
    const raw = await queriedSeries(probe, names, examination);
    return await concluded(probe, known, { ...examination, names, raw });
  } catch (error) {
    return { subject, findings: [...known, explainFailure('series', error)] };
  }
}

/** Examines a server by what matters for federation, its /federate, and by its query API where it has one. */
export async function examineFederation(
  probe: Probe,
  { source, ...rest }: Examination & { readonly source: FederationSource },
): Promise<Examined> {
  const subject = probe.client.url;
  const began = performance.now();
  let raw: RawSeries;
  try {
    raw = await federatedSeries(probe, source, rest.plan);
  } catch (error) {
    return { subject, findings: [federationFailure(error)] };
  }
  const pages = checkDuration(performance.now() - began, source);
  let known: Finding[];
  let names = [...new Set(raw.labels.map(({ metricName }) => metricName))];
  try {
    known = await examineApi(probe, await askTime(probe));
    names = await metricNames(probe);
  } catch (error) {
    const { message } = explainFailure('api', error);
    known = [{ check: 'api', verdict: 'note', message: `only /federate could be asked: ${message}` }];
  }
  return concluded(probe, [pages, ...known], { source, ...rest, names, raw });
}

function askTime(probe: Probe): Promise<Probed> {
  return probe.get('/api/v1/query', [['query', 'time()']]);
}

async function examineApi(probe: Probe, answer: Probed): Promise<Finding[]> {
  const data = dataOf(answer, `${probe.client.url}/api/v1/query`) as { result?: readonly unknown[] | null } | null;
  const { flavour, finding } = await identifyServer(probe, answer);
  const own = Number(data?.result?.[1]) * 1000;
  // VictoriaMetrics answers for half a minute ago, when all samples have arrived.
  const tellsTime = Number.isFinite(own) && flavour !== 'VictoriaMetrics';
  return [
    { check: 'reach', verdict: 'ok', message: `answers within ${answer.received - answer.sent} ms` },
    finding,
    checkClock(answer, tellsTime ? { own } : {}),
  ];
}

/** Names of the last minutes; servers know them by blocks of time, so some may be older. */
async function metricNames(probe: Probe): Promise<string[]> {
  const now = Date.now() / 1000;
  const names = await probe.data('/api/v1/label/__name__/values', [
    ['start', String(now - 600)],
    ['end', String(now)],
  ]);
  if (Array.isArray(names)) return names.map(String);
  throw new RemoteError('bad_response', `cannot read the metric names of ${probe.client.url}: they are no list`);
}

/** Longest list of names in a selector: short enough for one large metric not to take many others with it. */
const MAX_SELECTOR_LENGTH = 1000;

/** Series whose labels are fetched; beyond them a sample of so many stands for each list of names. */
const MAX_FETCHED = 100_000;
const SAMPLE = 1000;

async function queriedSeries(
  probe: Probe,
  names: readonly string[],
  { plan, externalLabels = (labels) => labels }: Examination,
): Promise<RawSeries> {
  const { usesName } = newSelection(plan);
  const used = names.filter(usesName);
  const labels: Labels[] = [];
  let [total, isSampled] = [0, false];
  for (const chunk of nameChunks(used, MAX_SELECTOR_LENGTH)) {
    const count = await probe.count(chunk);
    total += count;
    const isMany = labels.length + count > MAX_FETCHED;
    isSampled ||= isMany;
    const fetched = isMany ? await probe.someSeries(chunk, SAMPLE) : await probe.series(chunk);
    for (const series of fetched) labels.push(externalLabels(series.labels));
  }
  const newest = await newestSample(probe, used);
  return { labels, newest, scale: isSampled && labels.length > 0 ? total / labels.length : 1 };
}

/** How many metrics are asked for their newest samples; all of them at once would be series without names. */
const ASKED_FOR_TIME = 3;

/** ms */
async function newestSample(probe: Probe, names: readonly string[]): Promise<number | undefined> {
  let newest: number | undefined;
  for (const name of names.slice(0, ASKED_FOR_TIME)) {
    const last = await probe.number(`max(timestamp({__name__=${JSON.stringify(name)}}))`);
    if (last !== undefined) newest = Math.max(newest ?? 0, last * 1000);
  }
  return newest;
}

/** The very pages that the schedule reads, within the limits of the source. */
async function federatedSeries(probe: Probe, { limits }: FederationSource, plan: Plan): Promise<RawSeries> {
  const labels: Labels[] = [];
  let newest: number | undefined;
  for (const selectors of federationPages(federationMatchers(plan))) {
    const { timeout } = probe.limits;
    const page = await federate(probe.client, selectors, { timeout, maxBytes: limits.maxBodyBytes });
    const { series } = parsePage(page.body, {
      contentType: page.contentType,
      limits: { bodyBytes: limits.maxBodyBytes, samples: limits.maxSamples },
    });
    for (const one of series) {
      labels.push(one.labels);
      if (one.timestamp !== undefined) newest = Math.max(newest ?? 0, one.timestamp);
    }
  }
  return { labels: [...new Map(labels.map((one) => [one.key, one])).values()], newest, scale: 1 };
}

function federationFailure(error: unknown): Finding {
  if (!(error instanceof ExpositionError)) return explainFailure('reach', error);
  const remedy = 'narrow the rules, raise limits of the source, or correct the URL';
  return { check: 'reach', verdict: 'broken', message: `cannot use /federate: ${error.message}`, remedy };
}

function checkDuration(ms: number, { timeout }: FederationSource): Finding {
  const message = `/federate answers within ${Math.round(ms)} ms of ${timeout}`;
  if (ms <= timeout / 2) return { check: 'reach', verdict: 'ok', message };
  const remedy = 'raise timeout of the source, or narrow the rules';
  return { check: 'reach', verdict: ms > timeout ? 'broken' : 'warning', message, remedy };
}

interface Known extends Examination {
  readonly names: readonly string[];
  readonly raw: RawSeries;
}

/** What follows from the series that the server has. */
async function concluded(probe: Probe, before: readonly Finding[], known: Known): Promise<Examined> {
  const { source, plan, needs, names, raw } = known;
  const expected = scaled(await expectSeries(raw.labels, plan, source.scope), raw.scale);
  const interval = await sampleInterval(probe, source);
  const { findings, expected: numbers } = checkExpected(source, { raw: await countSeries(probe), interval, expected });
  return {
    subject: probe.client.url,
    findings: [
      ...before,
      ...checkPacks(needs, names),
      ...checkFreshness(raw.newest, Date.now()),
      ...checkScope(source, raw.labels, expected),
      ...findings,
    ],
    expected: numbers,
  };
}

/** Derived series do not grow with their input: instances and pods are added up. */
function scaled(expected: ExpectedSeries, scale: number): ExpectedSeries {
  if (scale === 1) return expected;
  const { selected, contextualized } = expected;
  return {
    ...expected,
    isEstimate: true,
    selected: Math.round(selected * scale),
    contextualized: Math.round(contextualized * scale),
  };
}

const DEFAULT_INTERVAL = 60;

/** Seconds from one sample of a series to the next that we will get. */
async function sampleInterval(probe: Probe, source: Source): Promise<number> {
  const asked = source.type === 'remote_write' ? 0 : source.interval / 1000;
  if (source.type === 'query') return asked;
  const scraped = (await optional(() => scrapeInterval(probe))) ?? DEFAULT_INTERVAL;
  return Math.max(asked, scraped);
}

/** The usual time between samples of one target; undefined where there is none. */
async function scrapeInterval(probe: Probe): Promise<number | undefined> {
  const [target] = await probe.vector('topk(1, up)');
  if (target === undefined) return undefined;
  const [samples] = await probe.vector(`${target.labels.with({ __name__: 'up' })}[10m]`);
  const times = samples?.timestamps ?? new Float64Array();
  const gaps = times.subarray(1).map((time, i) => time - (times[i] ?? 0));
  const median = gaps.sort()[gaps.length >> 1];
  return median === undefined ? undefined : Math.max(1, Math.round(median / 1000));
}

/** All series of the server, as cheaply as it can tell; undefined where it cannot. */
async function countSeries(probe: Probe): Promise<number | undefined> {
  const status = (await optional(() => probe.data('/api/v1/status/tsdb'))) as
    | { headStats?: { numSeries?: unknown }; totalSeries?: unknown }
    | undefined;
  const told = Number(status?.headStats?.numSeries ?? status?.totalSeries);
  if (told > 0) return told;
  return optional(() => probe.number('count({__name__!=""})'));
}

async function optional<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RemoteError) return undefined;
    throw error;
  }
}

/** Adds labels where a series lacks them, as a Prometheus does when it sends. */
export function withExternalLabels(external: Readonly<Record<string, string>>): (labels: Labels) => Labels {
  return (labels) => Labels.from({ ...external, ...labels.toJSON() });
}
