import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { REQUEST_CONTEXT_LABEL, requestContext } from '../../lib/context/request-context.ts';
import type { Labels } from '../../lib/model/labels.ts';
import { type ExportedFile, exportPlan } from '../../lib/plan/export/export-plan.ts';
import { parseDuration } from '../../lib/promql/duration.ts';
import type { Series } from '../../lib/storage/interface.ts';
import { findPrometheus, PrometheusServer } from '../promql/differential/prometheus-server.ts';
import { plan } from './contextualize.ts';
import { goldenTraffic, type RawSeries } from './exported/golden-traffic.ts';
import { type ExportedRule, type Recorded, recordingRulesOf, runRules, type Times } from './exported/rule-runner.ts';
import { scrapeLabels } from './exported/scrape-labels.ts';
import { recordedAt, throughWorker } from './exported/through-worker.ts';

/** A label of each raw series that keeps the scripts apart: the exported relabel configs make `asserts_env` of it. */
const SCRIPT = 'golden';
const SCOPE = { env: { labels: [SCRIPT] }, site: { labels: ['asserts_site'] }, identity: DEFAULT_IDENTITY };
const TOLERANCE = 1e-6;
const MINUTE = 60_000;
const WINDOW = 5 * MINUTE;
/** Evaluation times count from here. */
const T = Date.UTC(2025, 0, 1);
/** Scrapes come this much after whole minutes: whether the left edge of a window is in it differs between versions. */
const SCRAPED_AT = 7000;

const derived = plan.derived.flatMap(({ rules }) => rules).filter((rule) => rule.kind === 'recording');
const records = {
  mapped: new Set(plan.mappings.map(({ record }) => record)),
  derived: new Set(derived.map(({ record }) => record)),
};

const found = findPrometheus(process.env.PROMETHEUS_BIN ?? 'prometheus');
const title = 'make in a real Prometheus what the worker makes';
if (found === undefined) console.warn(`SKIPPED: exported rules ${title}: no Prometheus (PROMETHEUS_BIN)`);

describe.skipIf(found === undefined)(
  `exported rules and relabel configs${found === undefined ? ' (skipped: no Prometheus)' : ''}`,
  () => {
    const { binary, version } = found ?? { binary: '', version: '' };
    const active = new Set<string>();
    const traffic = goldenTraffic();

    it.each([...new Set(traffic.map(({ step }) => step))])(
      `${title}, of what is scraped every %i ms`,
      async (step) => {
        const scripts = traffic.filter((one) => one.step === step);
        const raw = scripts.flatMap(({ name, series }) => series.map((one) => moved(one, name)));
        const times = { start: T, end: T + Math.max(...scripts.map((one) => one.end)), step: MINUTE };
        const files = exportPlan(plan, SCOPE, { scrapeInterval: step });
        const scrapes = { ...times, start: T + SCRAPED_AT, step };
        const theirs = await alone(binary, raw, files, times);
        const querier = await throughWorker(raw, { plan, scope: SCOPE, times });
        const mapped = compare(await recordedAt(querier, records.mapped, scrapes), theirs.mapped, T);
        expect(mapped.differences).toEqual([]);
        // Prometheus 2 takes counters that are younger than the window back to zero, whatever their interval.
        const from = version.startsWith('2.') ? T + SCRAPED_AT + WINDOW : T;
        const made = compare(await recordedAt(querier, records.derived, times), theirs.derived, from);
        expect(made.differences).toEqual([]);
        for (const rule of theirs.active) active.add(keyOf(rule));
        const native = scripts.reduce((sum, one) => sum + one.native, 0);
        console.info(
          `Prometheus ${version}, every ${step / 1000} s: ${made.scripts.size} of ${scripts.length} scripts; ` +
            `${mapped.samples} samples of ${mapped.series} mapped series; ${theirs.active.length} derived rules make ` +
            `${made.metrics.size} metrics, ${made.samples} samples of ${made.series} series; largest relative difference ` +
            `${Math.max(mapped.largest, made.largest).toExponential(1)} (without ${native} native histograms)`,
        );
      },
      300_000,
    );

    it('of every derived rule', () => {
      const idle = derived.filter((rule) => !active.has(keyOf(rule)));
      console.info(`${derived.length - idle.length} of ${derived.length} derived rules give values`);
      expect(idle.map(({ record, origin }) => `${record} (${origin.file}:${origin.line})`)).toEqual([]);
    });
  },
);

function keyOf({ record, expr, labels }: ExportedRule): string {
  return JSON.stringify([record, expr, Object.entries(labels).sort()]);
}

function moved({ labels, samples }: RawSeries, script: string): RawSeries {
  return {
    labels: labels.with({ [SCRIPT]: script }),
    samples: samples.map(({ timestamp, value }) => ({ timestamp: T + SCRAPED_AT + timestamp, value })),
  };
}

/** What a Prometheus records by itself, from scrape to derived rule, and the derived rules that gave something. */
async function alone(binary: string, raw: readonly RawSeries[], files: readonly ExportedFile[], times: Times) {
  const fileOf = (name: string) => files.find((file) => file.name === name)?.text ?? '';
  const labels = raw.map((one) => one.labels);
  const relabelled = await scrapeLabels(binary, labels, fileOf('metric_relabel_configs.yml'));
  const server = await PrometheusServer.start(binary);
  try {
    await server.write(raw.flatMap(({ samples }, i) => scraped(relabelled[i], samples)));
    const mapping = recordingRulesOf(fileOf('mapping.rules.yml'));
    const step = parseDuration(mapping[0]?.interval ?? '') ?? times.step;
    const mapped = await runRules(server, mapping, { ...times, start: times.start + SCRAPED_AT, step });
    const recorded: Recorded[] = [];
    const active: ExportedRule[] = [];
    for (const rule of recordingRulesOf(fileOf('derived.rules.yml'))) {
      const given = await runRules(server, [rule], times);
      if (given.length > 0) active.push(rule);
      recorded.push(...given);
    }
    return { mapped, derived: recorded, active };
  } finally {
    await server.stop();
  }
}

/** Folding of contexts is what relabel configs cannot do, and the exported README says so. */
function scraped(labels: Labels | undefined, samples: RawSeries['samples']): Series[] {
  if (labels === undefined) return [];
  const floats = {
    timestamps: Float64Array.from(samples, ({ timestamp }) => timestamp),
    values: new Float64Array(samples.length),
  };
  samples.forEach(({ value }, i) => {
    floats.values[i] = value;
  });
  const context = labels.get(REQUEST_CONTEXT_LABEL);
  return [{ labels: labels.with({ [REQUEST_CONTEXT_LABEL]: requestContext(context) }), floats }];
}

function compare(ours: readonly Recorded[], theirs: readonly Recorded[], from: number) {
  const result = {
    differences: [] as string[],
    scripts: new Set<string>(),
    metrics: new Set<string>(),
    series: ours.length,
    samples: 0,
    largest: 0,
  };
  const [left, right] = [byLabels(ours), byLabels(theirs)];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(key)?.values, right.get(key)?.values];
    const labels = left.get(key)?.labels ?? right.get(key)?.labels;
    for (const time of new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])) {
      if (time < from) continue;
      const [mine, other] = [a?.get(time), b?.get(time)];
      const difference = relativeDifference(mine, other);
      result.samples++;
      if (difference > TOLERANCE) {
        result.differences.push(`${labels} at ${(time - T) / MINUTE} min: ${mine}, Prometheus has ${other}`);
      } else result.largest = Math.max(result.largest, difference);
    }
    result.scripts.add(labels?.get('asserts_env') ?? '');
    result.metrics.add(labels?.metricName ?? '');
  }
  return result;
}

function byLabels(recorded: readonly Recorded[]): Map<string, Recorded> {
  const found = new Map<string, Recorded>();
  for (const one of recorded) {
    if (found.has(one.labels.key)) throw new Error(`${one.labels} is recorded twice`);
    found.set(one.labels.key, one);
  }
  return found;
}

function relativeDifference(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number.POSITIVE_INFINITY;
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
