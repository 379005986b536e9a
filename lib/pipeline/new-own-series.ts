import type { Retention } from '../storage/interface.ts';
import type { LedgerReader } from '../storage/ledger.ts';
import type { UsageReader } from '../storage/usage.ts';
import { costFigures } from './cost-figures.ts';
import { intakeFigures } from './intake-figures.ts';
import { OwnSeries, type OwnSeriesDependencies } from './own-series.ts';

export interface FigureSources extends Omit<OwnSeriesDependencies, 'figures'> {
  readonly ledger: LedgerReader;
  readonly usage: UsageReader;
  readonly retention: Retention;
}

/** The series about ourselves, with all the figures that there are. */
export function newOwnSeries({ ledger, usage, retention, ...dependencies }: FigureSources): OwnSeries {
  return new OwnSeries({ ...dependencies, figures: [intakeFigures(ledger), costFigures(usage, retention)] });
}
