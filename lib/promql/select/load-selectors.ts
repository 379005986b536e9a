import type { Querier, SelectHints, Series, WindowHints } from '../../storage/interface.ts';
import type { VectorSelector } from '../ast.ts';
import type { Interruption } from '../interruption.ts';
import type { SampleBudget } from '../sample-budget.ts';
import { LoadedSelection, LoadedSelectors } from './loaded-selectors.ts';
import { loadSeries } from './loaded-series.ts';
import type { SelectionWindow } from './selection-windows.ts';

/** Selects that run at the same time. */
const PARALLEL_SELECTS = 4;

/** One read of the store, for all selectors with the same matchers whose windows touch. */
interface Read {
  readonly selectors: VectorSelector[];
  readonly windows: WindowHints | undefined;
  mint: number;
  maxt: number;
}

export interface LoadOptions {
  /** Selectors whose histograms are read for count and sum alone. */
  readonly statistics: ReadonlySet<VectorSelector>;
  /** Selectors that windows may answer instead of samples. */
  readonly wishes: ReadonlyMap<VectorSelector, WindowHints>;
  readonly budget: SampleBudget;
  readonly interruption: Interruption;
  /** Ends the reads. */
  readonly signal: AbortSignal;
}

/** Reads what the windows ask for, each sample once. @throws what the store throws, ExecutionError over the limit. */
export async function loadSelectors(
  querier: Querier,
  windows: readonly SelectionWindow[],
  options: LoadOptions,
): Promise<LoadedSelectors> {
  const reads = planReads(windows, (window) => usefulWish(querier, window, options.wishes));
  const selections = new Map<VectorSelector, LoadedSelection>();
  const pending = reads.values();
  let stored = 0;
  // Some are stored twice for a while, so only what is surely too much ends the read.
  const onSamples = (count: number) => {
    stored += count;
    options.budget.expect(stored);
  };
  const worker = async () => {
    for (const read of pending) {
      const plain = new LoadedSelection(await runRead(querier, read, { ...options, onSamples }));
      const statistics = read.selectors.some((one) => options.statistics.has(one)) ? plain.withDetectedResets() : plain;
      for (const selector of read.selectors) {
        selections.set(selector, options.statistics.has(selector) ? statistics : plain);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_SELECTS, reads.length) }, worker));
  return new LoadedSelectors(selections);
}

async function runRead(
  querier: Querier,
  { selectors, mint, maxt, windows }: Read,
  options: LoadOptions & Required<Pick<SelectHints, 'onSamples'>>,
) {
  options.interruption.check('query execution');
  const [selector] = selectors;
  if (selector === undefined) throw new Error('BUG: a read without selector');
  const { signal, onSamples } = options;
  const hints = { mint, maxt, signal, onSamples, ...(windows && { windows }) };
  const series = maxt < mint ? [] : await querier.select(hints, ...selector.matchers);
  options.interruption.check('query execution');
  for (const one of series) options.budget.hold(sampleCount(one));
  return series.map(loadSeries);
}

function sampleCount({ floats, histograms }: Series): number {
  return floats.timestamps.length + (histograms?.timestamps.length ?? 0);
}

/** The wish of a selector that the querier could fulfil; without it selectors share their reads. */
function usefulWish(
  { downsampling }: Querier,
  { selector, mint }: SelectionWindow,
  wishes: ReadonlyMap<VectorSelector, WindowHints>,
): WindowHints | undefined {
  const wish = wishes.get(selector);
  if (downsampling === undefined || wish === undefined) return undefined;
  return wish.preferred >= downsampling.finest || mint < downsampling.fullFrom ? wish : undefined;
}

type WishOf = (window: SelectionWindow) => WindowHints | undefined;

function planReads(windows: readonly SelectionWindow[], wishOf: WishOf): Read[] {
  const alike = new Map<string, { readonly wish: WindowHints | undefined; readonly windows: SelectionWindow[] }>();
  for (const window of windows) {
    const wish = wishOf(window);
    const ofWish = wish === undefined ? [] : [wish.value, wish.preferred, wish.coarsest];
    const key = [...window.selector.matchers.map(String).sort(), ...ofWish].join('\0');
    const known = alike.get(key) ?? { wish, windows: [] };
    alike.set(key, known);
    known.windows.push(window);
  }
  return [...alike.values()].flatMap(({ wish, windows: joined }) => joinTouching(joined, wish));
}

/** Windows that overlap or touch become one read; a window a week ago stays a read of its own. */
function joinTouching(windows: readonly SelectionWindow[], wish: WindowHints | undefined): Read[] {
  const reads: Read[] = [];
  for (const { selector, mint, maxt } of [...windows].sort((a, b) => a.mint - b.mint)) {
    const last = reads.at(-1);
    if (last === undefined || mint > last.maxt + 1) reads.push({ selectors: [selector], windows: wish, mint, maxt });
    else {
      last.selectors.push(selector);
      last.maxt = Math.max(last.maxt, maxt);
    }
  }
  return reads;
}
