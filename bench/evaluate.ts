import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compileRuntime } from '../lib/config/compile-runtime.ts';
import { compareLabels, Labels } from '../lib/model/labels.ts';
import { preparePlan } from '../lib/pipeline/evaluate/prepared-plan.ts';
import { type EvaluateDependencies, evaluateTenants } from '../lib/pipeline/evaluate.ts';
import type { Plan } from '../lib/plan/plan.ts';
import { writeRuleFile } from '../lib/plan/write-rule-file.ts';
import { Engine } from '../lib/promql/engine.ts';
import type { Series, Storage } from '../lib/storage/interface.ts';
import { MemoryRuleState } from '../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../lib/storage/memory/memory-storage.ts';
import { findPrometheus, PrometheusServer } from '../test/promql/differential/prometheus-server.ts';
import { normalisedSeries } from './evaluate-data.ts';

/** `/proc/PID/stat` counts in these on every Linux that matters. */
const TICKS_PER_SECOND = 100;
const SECOND = 1000;
const WARM_UP_ROUNDS = 15;
const MEASURED_SECONDS = 20;
const TENANT = 'bench';
const TOLERANCE = 1e-6;

/**
 * `npm run bench -- evaluate`: all derived rules of the packs over 10,000 normalised series, evaluated by us and by a real
 * Prometheus (`PROMETHEUS_BIN`) every second; both hold the same samples in memory. CPU for one evaluation of all rules, and
 * whether the values agree.
 */
export async function run(): Promise<Record<string, unknown>> {
  const found = findPrometheus(process.env['PROMETHEUS_BIN'] ?? 'prometheus');
  if (found === undefined) throw new Error('cannot run this bench: it needs a Prometheus (set PROMETHEUS_BIN)');
  const { plan } = compileRuntime(fileURLToPath(new URL('../tributary.yml', import.meta.url)), {
    environment: {},
    warn: () => {},
  });
  const now = Date.now();
  // Ends ahead of now, so that rules which run meanwhile see data as fresh as it gets.
  const series = normalisedSeries(now - 12 * 60 * SECOND - 123, now + 4 * 60 * SECOND);
  const theirs = await PrometheusServer.start(found.binary, ['--web.enable-lifecycle']);
  try {
    await theirs.write(series);
    const ours = await measureOurs(plan, series, Math.floor(now / SECOND) * SECOND);
    const disagreements = await compareValues(plan, ours, theirs);
    const theirMs = await measureTheirs(plan, theirs);
    return {
      cpuRatio: round(ours.cpuMs / theirMs),
      oursCpuMs: round(ours.cpuMs),
      theirsCpuMs: round(theirMs),
      series: series.length,
      rules: plan.derived.reduce((sum, { rules }) => sum + rules.length, 0),
      ...disagreements,
      prometheus: found.version,
      node: process.version,
    };
  } finally {
    await theirs.stop();
  }
}

interface Ours {
  readonly cpuMs: number;
  readonly storage: Storage;
  /** The last evaluation time, ms. */
  readonly time: number;
}

/** One evaluation a second, as the schedule would bring them: state and all, but for the network. */
async function measureOurs(plan: Plan, series: readonly Series[], start: number): Promise<Ours> {
  const storage = await storageOf(series);
  let time = start;
  const dependencies: EvaluateDependencies = {
    plan: preparePlan(plan, { interval: SECOND }),
    tenants: [{ name: TENANT }],
    storage,
    ruleState: new MemoryRuleState(),
    engine: new Engine(),
    settings: { interval: SECOND, delay: 0, maxCatchUp: SECOND },
    externalUrl: '',
    now: () => time,
  };
  const round = async () => {
    time += SECOND;
    const [outcome] = await evaluateTenants(dependencies, Number.POSITIVE_INFINITY);
    if (outcome?.error !== undefined) throw outcome.error;
    if (outcome?.failures.length !== 0) throw new Error(`a rule failed: ${JSON.stringify(outcome?.failures)}`);
  };
  for (let i = 0; i < WARM_UP_ROUNDS; i++) await round();
  const before = process.cpuUsage();
  for (let i = 0; i < MEASURED_SECONDS; i++) await round();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000 / MEASURED_SECONDS, storage, time };
}

async function storageOf(series: readonly Series[]): Promise<Storage> {
  const storage = new MemoryStorage();
  const appender = storage.appender(TENANT, 'normalised');
  for (const { labels, floats } of series) {
    for (const [i, timestamp] of floats.timestamps.entries()) {
      appender.append(labels, { timestamp, value: floats.values[i] as number });
    }
  }
  await appender.commit();
  return storage;
}

/** CPU of one evaluation of all groups, less what Prometheus does anyway. */
async function measureTheirs(plan: Plan, server: PrometheusServer): Promise<number> {
  await sleep(3 * SECOND);
  const idle = await cpuOver(server.pid, 5 * SECOND);
  const folder = dirname((await getJson<{ 'config.file': string }>(server, 'status/flags'))['config.file']);
  writeFileSync(join(folder, 'rules.yml'), writeRuleFile(plan));
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n');
  const reload = await fetch(`${server.url}/-/reload`, { method: 'POST' });
  if (!reload.ok) throw new Error(`Prometheus does not take the rules: ${await reload.text()}`);
  await sleep(5 * SECOND);
  const before = await iterations(server);
  const busy = await cpuOver(server.pid, MEASURED_SECONDS * SECOND);
  const evaluations = ((await iterations(server)) - before) / plan.derived.length;
  return (busy - idle * ((MEASURED_SECONDS * SECOND) / (5 * SECOND))) / evaluations;
}

/** CPU (ms) that a process spends while we wait. */
async function cpuOver(pid: number, ms: number): Promise<number> {
  const before = cpuOf(pid);
  await sleep(ms);
  return cpuOf(pid) - before;
}

function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

async function iterations(server: PrometheusServer): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const counts = [...text.matchAll(/^prometheus_rule_group_iterations_total\{.*\} (\S+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function getJson<T>(server: PrometheusServer, path: string): Promise<T> {
  const { data } = (await (await fetch(`${server.url}/api/v1/${path}`)).json()) as { data: T };
  return data;
}

/** What we derived against what Prometheus says of the same expression, for rules that read no derived series. */
async function compareValues(plan: Plan, { storage, time }: Ours, server: PrometheusServer) {
  let compared = 0;
  const differing: string[] = [];
  for (const rule of plan.derived.flatMap(({ rules }) => rules)) {
    if (rule.kind !== 'recording' || rule.expr.includes('asserts:request:rate5m')) continue;
    const { data } = await server.api('query', { query: rule.expr, time: String(time / 1000) });
    const { result } = data as unknown as { result: { metric: Record<string, string>; value: [number, string] }[] };
    const expected = new Map(
      result.map(({ metric, value }) => [
        Labels.from({ ...metric, ...rule.labels, __name__: rule.record }).key,
        Number(value[1]),
      ]),
    );
    const matchers = Object.entries(rule.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const own = await new Engine().instantQuery(storage.querier(TENANT), `${rule.record}{${matchers.join(',')}}`, time);
    if (own.data.kind !== 'vector') throw new Error('BUG: a selector gives a vector');
    for (const { labels, value } of [...own.data.samples].sort((a, b) => compareLabels(a.labels, b.labels))) {
      const wanted = expected.get(labels.key);
      if (wanted === undefined || Math.abs(Number(value) - wanted) > TOLERANCE * Math.abs(wanted)) {
        differing.push(`${labels}: ${value} instead of ${wanted}`);
      }
      expected.delete(labels.key);
      compared++;
    }
    differing.push(...[...expected.keys()].map((key) => `${rule.record}: ${key} is missing`));
  }
  for (const line of differing.slice(0, 5)) console.log(line);
  return { valuesCompared: compared, valuesDiffering: differing.length };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
