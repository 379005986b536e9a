import type { Source } from '../../context/tenant.ts';
import { costOf, DEFAULT_WORKLOAD, type Workload } from '../../cost/cost-model.ts';
import { RECORDED_UNITS } from '../../cost/recorded-units.ts';
import type { ExpectedSeries } from './expect-series.ts';
import type { Examined, Finding } from './finding.ts';

export interface Volume {
  /** Series that the server has; undefined where it does not tell. */
  readonly raw: number | undefined;
  /** From one sample of a series to the next, s. */
  readonly interval: number;
  readonly expected: ExpectedSeries;
}

/** How many series are to be expected of a source, and what they cost. */
export function checkExpected(
  source: Source,
  { raw, interval, expected }: Volume,
): Required<Omit<Examined, 'subject'>> {
  const { selected, contextualized, derived = Math.round(selected * DEFAULT_WORKLOAD.derivedShare) } = expected;
  const about = expected.isEstimate || expected.derived === undefined ? 'about ' : '';
  const stored =
    source.type === 'query'
      ? `${about}${derived} derived`
      : `${contextualized} contextualized, ${about}${derived} derived`;
  const of = raw === undefined ? '' : ` of ${raw}`;
  const series: Finding = {
    check: 'series',
    verdict: selected > 0 ? 'ok' : 'broken',
    message: `${expected.isEstimate ? 'about ' : ''}${selected}${of} series are selected: ${stored}, one sample every ${interval} s`,
    ...(selected === 0 && {
      remedy: 'add packs that fit, or write rules for the metrics of this server (docs/rules.md)',
    }),
  };
  const workload = {
    ...DEFAULT_WORKLOAD,
    scrapeSeconds: interval,
    derivedShare: Math.max(1, derived) / Math.max(1, selected),
  };
  const asSet: Workload = { ...workload, activeSeries: Math.max(1, selected), selectedShare: 1 };
  const dollars = source.type === 'query' ? resultsOnly(asSet) : costOf(asSet, RECORDED_UNITS).total;
  const everything =
    source.type === 'remote_write' && raw !== undefined && raw > selected && selected > 0
      ? costOf({ ...workload, activeSeries: raw, selectedShare: selected / raw }, RECORDED_UNITS).total
      : undefined;
  const cost: Finding = {
    check: 'cost',
    verdict: 'ok',
    message: `about $ ${dollars.toFixed(2)} a month at list prices (tributary cost)${
      everything === undefined ? '' : `; $ ${everything.toFixed(2)} if it sent everything it has`
    }`,
  };
  const expectedNumbers = { selected, contextualized, derived, interval, dollars: Number(dollars.toFixed(2)) };
  return {
    findings: selected > 0 ? [series, cost] : [series],
    expected: raw === undefined ? expectedNumbers : { raw, ...expectedNumbers },
  };
}

/** Of a source that stores results alone. */
const RESULT_TERMS = new Set(['derived samples written', 'derived blocks deleted', 'read by queries']);

function resultsOnly(workload: Workload): number {
  const terms = costOf(workload, RECORDED_UNITS).terms.filter(({ name }) => RESULT_TERMS.has(name));
  if (terms.length !== RESULT_TERMS.size) throw new Error('BUG: the bill has other terms than it had');
  return terms.reduce((sum, { dollars }) => sum + dollars, 0);
}
