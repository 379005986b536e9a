import { costOf, DEFAULT_WORKLOAD } from '../../cost/cost-model.ts';
import { RECORDED_UNITS } from '../../cost/recorded-units.ts';
import type { ExpectedSeries } from '../doctor/expect-series.ts';

/** Dollars a month at list prices. */
export interface ExpectedBill {
  /** Where Prometheus sends what is selected and nothing else. */
  readonly selectedOnly: number;
  readonly everything: number;
  readonly scrapeSeconds: number;
}

/** What so many raw series cost, of which so many are selected; undefined where none is. */
export function expectedBill(
  raw: number,
  { selected, derived }: Pick<ExpectedSeries, 'selected' | 'derived'>,
  {
    scrapeSeconds,
    normalisedDays,
    derivedDays,
  }: Pick<typeof DEFAULT_WORKLOAD, 'scrapeSeconds' | 'normalisedDays' | 'derivedDays'>,
): ExpectedBill | undefined {
  if (selected === 0) return undefined;
  const derivedShare = derived === undefined ? DEFAULT_WORKLOAD.derivedShare : Math.max(1, derived) / selected;
  const workload = { ...DEFAULT_WORKLOAD, scrapeSeconds, normalisedDays, derivedDays, derivedShare };
  const dollars = (activeSeries: number) =>
    costOf({ ...workload, activeSeries, selectedShare: selected / activeSeries }, RECORDED_UNITS).total;
  return { selectedOnly: dollars(selected), everything: dollars(raw), scrapeSeconds };
}
