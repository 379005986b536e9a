import { SITE_LABEL } from '../../context/scope.ts';
import type { ScopeConfig } from '../../context/tenant.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { Contextualizer } from '../../plan/contextualizer.ts';
import type { Plan } from '../../plan/plan.ts';
import { newSelection } from '../../plan/selection.ts';
import { Engine } from '../../promql/engine.ts';
import { ExecutionError } from '../../promql/errors.ts';
import { MemoryStorage } from '../../storage/memory/memory-storage.ts';

/** What becomes of a set of raw series. */
export interface ExpectedSeries {
  readonly selected: number;
  readonly contextualized: number;
  /** Series that derived rules give; undefined where there are too many to try. */
  readonly derived: number | undefined;
  /** Series of each metric that rules record; derived ones only where they were tried. */
  readonly records: ReadonlyMap<string, number>;
  /** Selected series that become nothing, by reason, with the text of the first. */
  readonly dropped: ReadonlyMap<string, { readonly count: number; readonly series: Labels; readonly detail: string }>;
  /** Whether counts were reckoned from a part of the series. */
  readonly isEstimate: boolean;
  /** Contextualized series without `asserts_site`. */
  readonly withoutSite: number;
}

/** Above this, rules are not tried out: it would take minutes. */
const MAX_TRIED = 20_000;

/**
 * Runs raw series through the selection, the contextualizer and the derived rules of a plan, as the functions would. Values
 * are made up, so a rule that compares them may give more or fewer series than in truth.
 */
export async function expectSeries(raw: Iterable<Labels>, plan: Plan, scope: ScopeConfig): Promise<ExpectedSeries> {
  const selects = newSelection(plan);
  const contextualizer = new Contextualizer(plan, { maxEntries: 1 });
  const dropped = new Map<string, { count: number; series: Labels; detail: string }>();
  const made = new Map<string, Labels>();
  let [selected, withoutSite] = [0, 0];
  for (const labels of raw) {
    if (!selects(labels)) continue;
    selected++;
    const result = contextualizer.contextualize(labels, scope);
    if (result.kind === 'dropped') {
      const known = dropped.get(result.reason) ?? { count: 0, series: labels, detail: result.detail };
      dropped.set(result.reason, { ...known, count: known.count + 1 });
      continue;
    }
    if (result.outputs.some((output) => !output.labels.has(SITE_LABEL))) withoutSite++;
    for (const output of result.outputs) made.set(output.labels.toString(), output.labels);
  }
  const records = new Map<string, number>();
  for (const { metricName } of made.values()) records.set(metricName, (records.get(metricName) ?? 0) + 1);
  const tried = made.size > MAX_TRIED ? undefined : await countDerived([...made.values()], plan);
  for (const [record, count] of tried ?? []) records.set(record, (records.get(record) ?? 0) + count);
  const derived = tried && [...tried.values()].reduce((sum, count) => sum + count, 0);
  return { selected, contextualized: made.size, derived, records, isEstimate: false, dropped, withoutSite };
}

const MINUTE = 60_000;
/** Any time will do, and one that stands still gives the same answer twice. */
const NOW = 30 * 60 * MINUTE;
const TENANT = 'tried';

/** Series of each record. */
async function countDerived(series: readonly Labels[], plan: Plan): Promise<Map<string, number>> {
  const storage = new MemoryStorage();
  const appender = storage.appender(TENANT, 'normalised');
  for (const labels of series) {
    for (let ago = 5; ago >= 0; ago--) appender.append(labels, { timestamp: NOW - ago * MINUTE, value: 100 - ago });
  }
  await appender.commit();
  const rules = plan.derived.flatMap((group) => group.rules).sort((a, b) => a.level - b.level);
  const engine = new Engine();
  const counts = new Map<string, number>();
  for (const rule of rules) {
    if (rule.kind === 'alerting') continue;
    const samples = await resultOf(engine, storage, rule.expr);
    if (samples.length > 0) counts.set(rule.record, (counts.get(rule.record) ?? 0) + samples.length);
    const results = storage.appender(TENANT, 'derived');
    for (const { labels } of samples) {
      results.append(labels.with({ ...rule.labels, [METRIC_NAME]: rule.record }), { timestamp: NOW, value: 1 });
    }
    await results.commit();
  }
  return counts;
}

/** Made-up values may meet where true ones never do (many-to-many matches); such a rule counts as giving nothing. */
async function resultOf(engine: Engine, storage: MemoryStorage, expr: string) {
  try {
    const { data } = await engine.instantQuery(storage.querier(TENANT), expr, NOW);
    return data.kind === 'vector' ? data.samples : [];
  } catch (error) {
    if (error instanceof ExecutionError) return [];
    throw error;
  }
}
