import { ExpositionLimitError } from './errors.ts';
import { DEFAULT_PAGE_LIMITS, type PageLimits } from './page-limits.ts';
import type { PageCounts } from './page-parser.ts';

/** Counts what a page gives and holds it to its limits. */
export class PageAccount implements PageCounts {
  readonly limits: PageLimits;
  samples = 0;
  histograms = 0;
  duplicates = 0;
  created = 0;
  longExemplars = 0;

  /** @throws ExpositionLimitError where the body is too large. */
  constructor(bodyBytes: number, limits: Partial<PageLimits> = {}) {
    this.limits = { ...DEFAULT_PAGE_LIMITS, ...limits };
    if (bodyBytes <= this.limits.bodyBytes) return;
    throw new ExpositionLimitError('bodyBytes', this.limits.bodyBytes, `the body has ${bodyBytes} bytes`);
  }

  /** The counts so far, as a value. */
  snapshot(): PageCounts {
    const { samples, histograms, duplicates, created, longExemplars } = this;
    return { samples, histograms, duplicates, created, longExemplars };
  }

  /**
   * Counts a sample or a histogram before it is given out. Repeated ones have a bound of their own, as high: where it takes
   * long to find that they are, nothing else would end the page.
   * @param where says in which place the page is now; asked only for the error.
   */
  count(kind: 'samples' | 'histograms' | 'duplicates', where: () => string): void {
    this[kind]++;
    const total = kind === 'duplicates' ? this.duplicates : this.samples + this.histograms;
    if (total <= this.limits.samples) return;
    throw new ExpositionLimitError('samples', this.limits.samples, `${where()}: the page has ${total} samples or more`);
  }
}

/** A key of all that decides, besides its bytes, which labels a spelling of a series has or whether it is refused. */
export function labelRulesKey(limits: PageLimits, normalizesBounds: boolean): string {
  return [limits.labels, limits.nameBytes, limits.valueBytes, normalizesBounds].join();
}
