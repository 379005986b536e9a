import { FLOAT_AGGREGATES } from '../../downsampling/downsample-floats.ts';
import type { WindowSeries } from '../../downsampling/join-windows.ts';
import { AGGREGATES_FOR, windowAnswer } from '../../downsampling/window-answer.ts';
import type { WindowValue } from '../../interface.ts';
import { takeChunks } from '../read-chunks.ts';
import type { CatalogSeries } from '../series-catalog.ts';
import type { ReaderParts } from '../store-parts.ts';
import { WantedSeries } from '../wanted-series.ts';
import type { WindowDay } from './plan-windows.ts';
import { windowsKey } from './window-keys.ts';
import type { WindowColumn } from './window-manifest.ts';

const ALL = { mint: Number.NEGATIVE_INFINITY, maxt: Number.POSITIVE_INFINITY };

/** The series that a query wants of windows, and the columns that answer it; sorted by id, as `WantedSeries` are. */
export class WantedWindows {
  readonly #value: WindowValue;
  readonly #columns: ReadonlyMap<WindowColumn, WantedSeries>;

  constructor(value: WindowValue, series: readonly CatalogSeries[]) {
    this.#value = value;
    const columns: readonly WindowColumn[] = [...AGGREGATES_FOR[value], 'histograms'];
    this.#columns = new Map(columns.map((column) => [column, new WantedSeries(series)]));
  }

  /** Reads whole days. Resolves to false where a chunk was replaced and deleted meanwhile: everything is then read again. */
  async read(
    parts: ReaderParts,
    tenant: string,
    days: readonly WindowDay[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const missing = await Promise.all(
      [...this.#columns].map(([column, wanted]) => {
        const needed = days.flatMap(({ resolution, manifest }) =>
          manifest.groups
            .filter((group) => group.columns.includes(column) && wanted.mayBeIn(group))
            .map(({ name }) => ({ pk: windowsKey(tenant, resolution, manifest.unit, `${name}/${column}`) })),
        );
        return takeChunks(parts, needed, ALL, wanted, signal);
      }),
    );
    return missing.every(({ length }) => length === 0);
  }

  /** The windows of the series at a place; undefined where it has none. */
  of(place: number): WindowSeries | undefined {
    const columnOf = (column: WindowColumn) => this.#columns.get(column)?.builders[place]?.build();
    const windows = FLOAT_AGGREGATES.flatMap((aggregate) => {
      const floats = columnOf(aggregate)?.floats;
      return floats === undefined || floats.timestamps.length === 0 ? [] : [[aggregate, floats] as const];
    });
    const histograms = columnOf('histograms')?.histograms?.histograms ?? [];
    if (windows.length === 0 && histograms.length === 0) return undefined;
    return { floats: windowAnswer(this.#value, Object.fromEntries(windows)), histograms };
  }
}
