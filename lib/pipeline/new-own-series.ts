import type { LedgerReader } from '../storage/ledger.ts';
import { intakeFigures } from './intake-figures.ts';
import { OwnSeries, type OwnSeriesDependencies } from './own-series.ts';

export interface FigureSources extends Omit<OwnSeriesDependencies, 'figures'> {
  readonly ledger: LedgerReader;
}

/** The series about ourselves, with all the figures that there are. */
export function newOwnSeries({ ledger, ...dependencies }: FigureSources): OwnSeries {
  return new OwnSeries({ ...dependencies, figures: [intakeFigures(ledger)] });
}
