import type { CompactionStep } from '../../compactor.ts';
import { DAY_MS } from '../../retention-window.ts';
import { type CompactorParts, toStep } from '../compactor-parts.ts';
import { daysKey, timeDigits } from '../keys.ts';
import { readItems } from '../read-items.ts';
import { replaceItem } from '../replace-item.ts';
import { deleteItems } from '../write-items.ts';
import { clearWindowLeftover } from './clear-window-leftover.ts';
import { DownsampledDay } from './downsample-day.ts';
import {
  CLOCKS_DIFFER_MS,
  type DownsamplingState,
  isSettled,
  progressItem,
  readDownsamplingState,
  resolutionsOf,
  stateKey,
  unfinishedKey,
} from './downsampling-state.ts';

/** Leftovers that are cleared away in one step. */
const MAX_CLEARED = 16;

/**
 * Keeps derived series in windows: day by day when they have settled, and again where late samples came. It is what
 * compaction does when nothing else is left to do; docs/storage-format.md says why every moment of it is safe.
 */
export class Downsampler {
  readonly #parts: CompactorParts;
  #work: { readonly unit: number; readonly day: DownsampledDay; readonly state: DownsamplingState } | undefined;

  constructor(parts: CompactorParts) {
    this.#parts = parts;
  }

  /** Does one bounded piece of work; `idle` when there is none. */
  async step(): Promise<CompactionStep> {
    if (resolutionsOf(this.#parts).length === 0) return toStep('idle');
    if (this.#work !== undefined) return this.#goOn();
    const state = await readDownsamplingState(this.#parts);
    if (state.due.length > 0) return this.#clear(state);
    const unit = await this.#dueUnit(state);
    if (unit === undefined) return toStep('idle');
    if (!this.#isWhole(unit)) return this.#forget(unit, state);
    const day = await DownsampledDay.begin(this.#parts, unit, state.unfinished);
    if (!day.isWhole) return this.#forget(unit, state);
    this.#work = { unit, day, state };
    return this.#goOn();
  }

  async #clear({ due, spared }: DownsamplingState): Promise<CompactionStep> {
    for (const leftover of due.slice(0, MAX_CLEARED)) {
      if (!(await clearWindowLeftover(this.#parts, leftover, spared))) return toStep('overtaken');
    }
    return toStep('tidied');
  }

  async #goOn(): Promise<CompactionStep> {
    const { day, unit, state } = this.#work ?? never();
    // Whatever is thrown, the day goes on from what was noted last, or is begun again.
    const work = this.#work;
    this.#work = undefined;
    const { kind, step } = await day.step();
    if (kind === 'slice') this.#work = work;
    if (kind !== 'done') return step;
    if (!(await this.#advance(unit, state))) return { ...step, kind: 'overtaken' };
    return step;
  }

  /** Samples of the day are still all there; of what has begun to expire, new windows would hold less than the old ones. */
  #isWhole(unit: number): boolean {
    return unit >= this.#parts.now() + CLOCKS_DIFFER_MS - this.#parts.retention.derived.days * DAY_MS;
  }

  /** The day that is unfinished, or the oldest to work on: one whose chunks have changed, or the next one that has settled. */
  async #dueUnit({ progress, changed, unfinished }: DownsamplingState): Promise<number | undefined> {
    const { now } = this.#parts;
    if (unfinished !== undefined) return unfinished.unit;
    const units = [...changed.keys()].filter((unit) => isSettled(unit, now()));
    if (isSettled(Math.max(progress + DAY_MS, 0), now())) units.push(...(await this.#newUnits(progress)));
    return units.length === 0 ? undefined : Math.min(...units);
  }

  async #newUnits(progress: number): Promise<number[]> {
    const { table, tenant, retentionClass, now } = this.#parts;
    const query = { pk: daysKey(tenant, retentionClass), from: timeDigits(progress), now: now() };
    for await (const items of readItems(table, query)) {
      for (const { sk } of items) {
        // Midnight is the end of the last window of the day before.
        const due = [Number(sk) - DAY_MS, Number(sk)].find((unit) => unit > progress && this.#isWhole(unit));
        if (due !== undefined) return isSettled(due, now()) ? [due] : [];
      }
    }
    return [];
  }

  /** Late samples of a day that has begun to expire change nothing any more. */
  async #forget(unit: number, state: DownsamplingState): Promise<CompactionStep> {
    return toStep((await this.#advance(unit, state)) ? 'tidied' : 'overtaken');
  }

  /** Only notes that were there before the chunks were read are done with. */
  async #advance(unit: number, { progress, version, changed }: DownsamplingState): Promise<boolean> {
    const { table, tenant } = this.#parts;
    if (unit > progress && !(await replaceItem(table, progressItem(this.#parts, unit), version))) return false;
    const notes = (changed.get(unit) ?? []).map((sk) => stateKey(tenant, sk));
    await deleteItems(table, [...notes, unfinishedKey(tenant)]);
    return true;
  }
}

function never(): never {
  throw new Error('BUG: no day is under work');
}
