import { compareLabels, type Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { RetentionClass } from '../interface.ts';
import type { SeriesBuilder } from '../series-builder.ts';

/** One series with its samples, apart by retention class. */
export interface MemorySeries {
  readonly labels: Labels;
  readonly builders: Partial<Record<RetentionClass, SeriesBuilder>>;
}

/**
 * The series of one metric, sorted, each label as a column of numbers into the list of its values: a matcher is put to
 * every value once, not to every series.
 */
export class MetricSeries {
  readonly #series: MemorySeries[] = [];
  #sorted = true;
  /** Made when a matcher first asks for the label, gone when a series comes in. */
  readonly #columns = new Map<string, LabelColumn>();

  add(series: MemorySeries): void {
    this.#series.push(series);
    this.#sorted = false;
    this.#columns.clear();
  }

  /** The series that satisfy all matchers, sorted by labels. */
  matching(matchers: readonly Matcher[]): readonly MemorySeries[] {
    this.#sort();
    const filters = matchers.map((matcher) => this.#filter(matcher)).filter((filter) => !filter.acceptsAll);
    if (filters.length === 0) return this.#series;
    return this.#series.filter((_, index) => {
      for (const { accepted, indexes } of filters) if (accepted[indexes[index] as number] === 0) return false;
      return true;
    });
  }

  #sort(): void {
    if (this.#sorted) return;
    this.#series.sort((a, b) => compareLabels(a.labels, b.labels));
    this.#sorted = true;
  }

  #filter(matcher: Matcher): Filter {
    const { values, indexes } = this.#column(matcher.name);
    const accepted = Uint8Array.from(values, (value) => (matcher.matches(value) ? 1 : 0));
    return { accepted, indexes, acceptsAll: !accepted.includes(0) };
  }

  #column(name: string): LabelColumn {
    const column = this.#columns.get(name) ?? columnOf(name, this.#series);
    this.#columns.set(name, column);
    return column;
  }
}

/** One label of many series: its distinct values ('' where a series lacks it), and the index of each series' value. */
interface LabelColumn {
  readonly values: readonly string[];
  readonly indexes: Uint32Array;
}

/** A matcher over a column: 1 for each value that it accepts. */
interface Filter {
  readonly accepted: Uint8Array;
  readonly indexes: Uint32Array;
  readonly acceptsAll: boolean;
}

function columnOf(name: string, series: readonly MemorySeries[]): LabelColumn {
  const known = new Map<string, number>();
  const indexes = Uint32Array.from(series, ({ labels }) => {
    const value = labels.get(name);
    const index = known.get(value) ?? known.size;
    known.set(value, index);
    return index;
  });
  return { values: [...known.keys()], indexes };
}
