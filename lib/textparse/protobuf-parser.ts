import type { Histogram } from '../model/histogram.ts';
import { type Label, Labels, METRIC_NAME } from '../model/labels.ts';
import { ExpositionLimitError } from './errors.ts';
import { isTooLong } from './exemplar-length.ts';
import type { KnownSeries } from './known-series.ts';
import { exceedsLimits, toLabels } from './label-rules.ts';
import { labelRulesKey, PageAccount } from './page-account.ts';
import type { EntryKind, FamilyFact, PageCounts, PageExemplar, PageParser, ParseOptions } from './page-parser.ts';
import { entriesOf, type MetricEntry } from './protobuf/entries-of.ts';
import { MessageReader } from './protobuf/message-reader.ts';
import { type Family, readFamily } from './protobuf/read-family.ts';
import { type FamilyMetric, readMetric } from './protobuf/read-metric.ts';
import { SeriesCache } from './series-cache.ts';

type Fact = readonly [kind: EntryKind, fact: FamilyFact];

/**
 * The delimited protobuf format: `io.prometheus.client.MetricFamily` messages, each behind its length. The only
 * format with native histograms. Reads one family's outline at a time, and one metric of it at a time. Bounds are
 * always spelled as floats, as every Prometheus does with this format.
 */
export class ProtobufParser implements PageParser {
  readonly #wire: MessageReader;
  readonly #account: PageAccount;
  readonly #cache: SeriesCache;
  readonly #page: number;
  readonly #withClassic: boolean;
  #family: Family | undefined;
  #familyNumber = 0;
  #nextMetric = 0;
  #metric: FamilyMetric | undefined;
  /** What is still to be given out of the family's head and of its current metric. */
  #facts: Fact[] = [];
  #entries: MetricEntry[] = [];
  #fact: FamilyFact | undefined;
  #entry: MetricEntry | undefined;
  #series: KnownSeries | undefined;

  constructor(page: Uint8Array, options: ParseOptions = {}) {
    this.#account = new PageAccount(page.length, options.limits);
    this.#wire = new MessageReader(page);
    this.#cache = options.cache ?? new SeriesCache();
    this.#page = this.#cache.beginPage(labelRulesKey(this.#account.limits, true));
    this.#withClassic = options.classicHistograms !== 'without-native';
  }

  next(): EntryKind | undefined {
    return this.#wire.decode(() => this.#advance());
  }

  get series(): KnownSeries {
    return current(this.#series, 'series');
  }

  get value(): number {
    return current(this.#entry, 'sample').value;
  }

  get timestamp(): number | undefined {
    return this.#metric?.timestamp;
  }

  get startTimestamp(): number | undefined {
    return current(this.#entry, 'sample').startTimestamp;
  }

  get exemplars(): readonly PageExemplar[] {
    return current(this.#entry, 'sample').exemplars;
  }

  get histogram(): Histogram {
    return current(this.#entry?.histogram, 'histogram');
  }

  get metadata(): FamilyFact {
    return current(this.#fact, 'metadata');
  }

  get counts(): PageCounts {
    return this.#account.snapshot();
  }

  #advance(): EntryKind | undefined {
    for (;;) {
      const [fact] = this.#facts.splice(0, 1);
      if (fact !== undefined) {
        this.#fact = fact[1];
        return fact[0];
      }
      const entry = this.#entries.pop();
      if (entry !== undefined) {
        if (this.#give(entry)) return entry.histogram === undefined ? 'sample' : 'histogram';
      } else if (!this.#readMetric() && !this.#readFamily()) return undefined;
    }
  }

  #readFamily(): boolean {
    if (this.#wire.isAtEnd) return false;
    this.#familyNumber++;
    const outer = this.#wire.enterDelimited(`family ${this.#familyNumber}`);
    const family = readFamily(this.#wire);
    this.#wire.leave(outer);
    this.#family = family;
    this.#nextMetric = 0;
    this.#facts = factsOf(family);
    return true;
  }

  #readMetric(): boolean {
    const family = this.#family;
    const start = family?.metrics[this.#nextMetric];
    if (family === undefined || start === undefined) return false;
    this.#nextMetric++;
    const resume = this.#wire.position;
    this.#wire.revisit(start);
    const outer = this.#wire.enter(`${JSON.stringify(family.name)} metric ${this.#nextMetric}`);
    const metric = readMetric(this.#wire);
    const entries = entriesOf(metric, family.type, this.#withClassic);
    if (entries === undefined) throw this.#wire.fault(`it has no value of its family's type (${family.type})`);
    this.#wire.leave(outer);
    this.#wire.revisit(resume);
    this.#metric = metric;
    this.#entries = entries.reverse();
    return true;
  }

  /** Makes an entry the current one; false where the page had it before. */
  #give(entry: MetricEntry): boolean {
    if (this.#cache.page !== this.#page) throw new Error('BUG: another page uses the series cache');
    const metric = current(this.#metric, 'metric');
    this.#series = this.#cache.intern(this.#labelsOf(entry, metric));
    const isRepeated = this.#series.isRepeated(this.#page, metric.timestamp ?? Number.NaN);
    const kind = entry.histogram === undefined ? 'samples' : 'histograms';
    this.#account.count(isRepeated ? 'duplicates' : kind, () => this.#place());
    if (!isRepeated) this.#entry = this.#withoutLongExemplars(entry);
    return !isRepeated;
  }

  #labelsOf(entry: MetricEntry, { labels }: FamilyMetric): Labels {
    const name: Label = { name: METRIC_NAME, value: current(this.#family, 'family').name + entry.suffix };
    const all = entry.bound === undefined ? [name, ...labels] : [name, ...labels, entry.bound];
    const { limits } = this.#account;
    const outcome = exceedsLimits(all, limits) ?? toLabels(all);
    if (outcome instanceof Labels) return outcome;
    if ('reason' in outcome) throw this.#wire.fault(`${this.#place()}: ${outcome.reason}`);
    throw new ExpositionLimitError(outcome.limit, limits[outcome.limit], `${this.#place()}: ${outcome.what}`);
  }

  #withoutLongExemplars(entry: MetricEntry): MetricEntry {
    const exemplars = entry.exemplars.filter((exemplar) => !isTooLong(exemplar));
    if (exemplars.length === entry.exemplars.length) return entry;
    this.#account.longExemplars += entry.exemplars.length - exemplars.length;
    return { ...entry, exemplars };
  }

  #place(): string {
    return `family ${this.#familyNumber} (${JSON.stringify(this.#family?.name)}), metric ${this.#nextMetric}`;
  }
}

function factsOf({ name: metricFamilyName, type, help, unit }: Family): Fact[] {
  const facts: Fact[] = [['type', { metricFamilyName, type }]];
  if (help !== '') facts.push(['help', { metricFamilyName, help }]);
  if (unit !== '') facts.push(['unit', { metricFamilyName, unit }]);
  return facts;
}

function current<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`BUG: the page parser stands at no ${what}`);
  return value;
}
