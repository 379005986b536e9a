import { Labels, METRIC_NAME } from '../../model/labels.ts';
import { STALE_NAN } from '../../model/stale-marker.ts';
import { ALERT_NAME, ALERTS, ALERTS_FOR_STATE } from '../../plan/recorded-series.ts';
import type { AlertTemplate } from '../../rules/template/alert-template.ts';
import { expandAlertTemplate } from '../../rules/template/expand-alert-template.ts';
import type { TemplateWorld } from '../../rules/template/template-functions.ts';
import type { TemplateSample } from '../../rules/template/template-value.ts';
import { StorageUnavailableError } from '../../storage/errors.ts';
import type { ActiveAlert } from '../../storage/rule-state.ts';
import { type AlertSighting, stepAlerts } from './alert-states.ts';
import { type AnswerSeries, askRule } from './ask-rule.ts';
import type { PreparedAlertingRule } from './prepared-plan.ts';
import type { RuleOutcome, RuleRun } from './rule-run.ts';

/**
 * Evaluates an alerting rule: its expression at each time, the states of its alerts from time to time, and the series
 * `ALERTS` and `ALERTS_FOR_STATE` that say so, ended by stale markers when the alert or its state ends.
 *
 * @throws StorageUnavailableError
 */
export async function evaluateAlertingRule(
  prepared: PreparedAlertingRule,
  active: readonly ActiveAlert[],
  run: RuleRun,
): Promise<RuleOutcome> {
  const { rule, allowsRange } = prepared;
  const shifted = run.times.map((time) => time - run.queryOffset);
  const answer = await askRule(run.engine, run.querier, { expr: rule.expr, times: shifted, allowsRange });
  const samplesAt = byTime(answer.series);
  let alerts = active;
  let written = run.succeededAt === undefined ? [] : seriesOf(active);
  let succeededAt = run.succeededAt;
  let error: string | undefined;
  for (const time of run.times) {
    const at = time - run.queryOffset;
    error = answer.failed.get(at);
    if (error !== undefined) continue;
    try {
      const sightings = await sight(prepared, samplesAt.get(at) ?? [], at, run);
      alerts = withinLimit(stepAlerts(alerts, sightings, time, rule), run.limit);
      succeededAt = time;
      written = write(run, alerts, written, at);
    } catch (cause) {
      throwIfAway(cause);
      error = (cause as Error).message;
      // As in Prometheus, a rule that breaks its limit forgets its alerts. Their series end here: the next run knows none of them.
      if (cause instanceof AlertLimitError) {
        alerts = [];
        written = write(run, alerts, written, at);
      }
    }
  }
  return { error, succeededAt, alerts };
}

/** The text of an alert's value, as Go writes it: `1.5e+00`. */
export function formatAlertValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = Object.is(value, -0) ? '-0e+0' : value.toExponential();
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

class AlertLimitError extends Error {
  override name = 'AlertLimitError';
}

function withinLimit(alerts: readonly ActiveAlert[], limit: number): readonly ActiveAlert[] {
  if (limit === 0 || alerts.length <= limit) return alerts;
  throw new AlertLimitError(`exceeded limit of ${limit} with ${alerts.length} alerts`);
}

interface Point {
  readonly labels: Labels;
  readonly value: number;
}

function byTime(series: readonly AnswerSeries[]): ReadonlyMap<number, readonly Point[]> {
  const found = new Map<number, Point[]>();
  for (const { labels, timestamps, values, histograms } of series) {
    // As in Prometheus, an alert on a native histogram has the value 0.
    for (const { timestamp } of histograms)
      found.set(timestamp, [...(found.get(timestamp) ?? []), { labels, value: 0 }]);
    for (let i = 0; i < timestamps.length; i++) {
      const time = timestamps[i] as number;
      const points = found.get(time);
      const point = { labels, value: values[i] as number };
      if (points === undefined) found.set(time, [point]);
      else points.push(point);
    }
  }
  return found;
}

async function sight(
  { rule, labels: labelTemplates, annotations }: PreparedAlertingRule,
  points: readonly Point[],
  time: number,
  run: RuleRun,
): Promise<AlertSighting[]> {
  const world = worldAt(run, time);
  const seen = new Set<string>();
  const sightings: AlertSighting[] = [];
  for (const { labels, value } of points) {
    // As in Prometheus templates see the metric's name, and the alert does not have it.
    const data = { labels: labels.toMap(), value };
    const own = await expandAll(labelTemplates, data, world);
    const alertLabels = labels.withoutMetricName().with({ ...own, [ALERT_NAME]: rule.alert });
    if (seen.has(alertLabels.key)) {
      throw new Error('vector contains metrics with the same labelset after applying alert labels');
    }
    seen.add(alertLabels.key);
    const texts = await expandAll(annotations, data, world);
    sightings.push({ labels: alertLabels, annotations: texts, value: formatAlertValue(value) });
  }
  return sightings;
}

async function expandAll(
  templates: readonly (readonly [name: string, template: AlertTemplate])[],
  data: { readonly labels: ReadonlyMap<string, string>; readonly value: number },
  world: TemplateWorld,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, template] of templates) {
    try {
      texts[name] = await expandAlertTemplate(template, data, world);
    } catch (error) {
      throwIfAway(error);
      // Visible where the alert is read, and never a reason for it not to fire.
      texts[name] = `<error expanding template: ${(error as Error).message}>`;
    }
  }
  return texts;
}

/** A store that cannot be read now is no error of a rule, nor of a template: the time has to be evaluated again. */
function throwIfAway(error: unknown): void {
  const { cause = error } = error as Error;
  if (cause instanceof StorageUnavailableError) throw cause;
}

function worldAt({ engine, querier, externalUrl, externalLabels }: RuleRun, time: number): TemplateWorld {
  return {
    externalUrl,
    ...(externalLabels && { externalLabels }),
    async query(expr): Promise<readonly TemplateSample[]> {
      const { data } = await engine.instantQuery(querier, expr, time);
      if (data.kind === 'scalar') return [{ labels: new Map(), value: data.value }];
      if (data.kind !== 'vector') throw new Error('query result is not a vector or scalar');
      return data.samples.map(({ labels, value }) => {
        if (typeof value !== 'number') throw new Error('query result is a native histogram');
        return { labels: labels.toMap(), value };
      });
    },
  };
}

/** Writes the series of the alerts at `time` (ms) and ends those that were written before and are not any more. */
function write({ pending }: RuleRun, alerts: readonly ActiveAlert[], before: readonly Labels[], time: number) {
  const now = seriesOf(alerts);
  for (const [i, labels] of now.entries()) {
    const activeAt = alerts[i >> 1]?.activeAt ?? 0;
    pending.add(labels, time, i % 2 === 0 ? 1 : Math.floor(activeAt / 1000));
  }
  const present = new Set(now.map(({ key }) => key));
  for (const labels of before) if (!present.has(labels.key)) pending.add(labels, time, STALE_NAN);
  return now;
}

/** Two series of each alert: what state it is in, and since when it is active. */
function seriesOf(alerts: readonly ActiveAlert[]): Labels[] {
  return alerts.flatMap(({ labels, state }) => {
    const own = Labels.from(labels);
    return [own.with({ [METRIC_NAME]: ALERTS, alertstate: state }), own.with({ [METRIC_NAME]: ALERTS_FOR_STATE })];
  });
}
