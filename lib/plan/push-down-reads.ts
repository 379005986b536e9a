import type { Matcher } from '../model/matcher.ts';
import { parseExpr } from '../promql/parse.ts';
import { outputLabels } from './output-labels.ts';
import type { DerivedRule, MappingRule, Plan } from './plan.ts';
import {
  ALERT_NAME,
  ALERTS,
  ALERTS_FOR_STATE,
  maySelect,
  type RecordedSeries,
  selectedNames,
} from './recorded-series.ts';

/** Where the series that a selector of a derived rule can find come from. */
export interface SelectorReads {
  readonly mappings: readonly MappingRule[];
  /** Names of raw metrics that are read as they are. */
  readonly raw: readonly string[];
  readonly derived: readonly DerivedRule[];
  /** The names cannot be listed, so raw series of any name may be meant. */
  readonly isOpen: boolean;
}

export type Reads = (matchers: readonly Matcher[]) => SelectorReads;

/** Compiles who records what. */
export function readsOf(plan: Pick<Plan, 'mappings' | 'derived'>): Reads {
  const derived = plan.derived.flatMap(({ rules }) => rules).map((rule) => ({ rule, series: seriesOf(rule) }));
  const recorded = new Set([
    ...plan.mappings.map(({ record }) => record),
    ...derived.flatMap(({ series }) => series.names),
    ALERTS,
    ALERTS_FOR_STATE,
  ]);
  return (matchers) => {
    const names = selectedNames(matchers);
    return {
      mappings: plan.mappings.filter(({ record, labels }) =>
        maySelect(matchers, { names: [record], labels, possible: 'any' }),
      ),
      raw: (names ?? []).filter((name) => !recorded.has(name) && !name.startsWith('asserts:')),
      derived: derived.filter(({ series }) => maySelect(matchers, series)).map(({ rule }) => rule),
      isOpen: names === undefined,
    };
  };
}

function seriesOf(rule: DerivedRule): RecordedSeries {
  if (rule.kind === 'alerting') {
    return { names: [ALERTS, ALERTS_FOR_STATE], labels: { [ALERT_NAME]: rule.alert }, possible: 'any' };
  }
  return { names: [rule.record], labels: rule.labels, possible: outputLabels(parseExpr(rule.expr)) };
}
