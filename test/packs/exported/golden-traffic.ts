import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Labels } from '../../../lib/model/labels.ts';
import type { Sample } from '../../../lib/model/sample.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { parseDuration } from '../../../lib/promql/duration.ts';
import type { FloatColumn } from '../../../lib/storage/interface.ts';
import { parseScript } from '../../promql/script/parse-script.ts';
import type { LoadCommand } from '../../promql/script/script.ts';
import { ScriptStorage } from '../../promql/script/script-storage.ts';

export interface RawSeries {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
}

/** The raw samples that a golden script sends through the worker, from 0 to `end` (ms). */
export interface GoldenTraffic {
  /** The pack, and a number where its script clears and loads anew. */
  readonly name: string;
  /** Time between scrapes, ms. */
  readonly step: number;
  readonly end: number;
  readonly series: readonly RawSeries[];
  /** Series left out because they hold native histograms. */
  readonly native: number;
}

const folder = new URL('../golden', import.meta.url).pathname;

/** All golden scripts. Where a scrape no longer finds a series, as after `end`, a stale marker ends it, as Prometheus does. */
export function goldenTraffic(): GoldenTraffic[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.test'))
    .sort()
    .flatMap((file) => trafficOf(join(folder, file)));
}

function trafficOf(path: string): GoldenTraffic[] {
  const pack = basename(path, '.test');
  const { commands } = parseScript(path, readFileSync(path, 'utf8'), new Set(['contextualize']));
  const parts: GoldenTraffic[] = [];
  let loaded: LoadCommand[] = [];
  for (const command of commands) {
    if (command.kind === 'clear') loaded = [];
    if (command.kind === 'load') loaded.push(command);
    if (command.kind !== 'verb') continue;
    const end = parseDuration(command.rest.replace(/^at /, ''));
    if (end === undefined) throw new Error(`cannot read "contextualize ${command.rest}" of ${path}`);
    parts.push({ name: parts.length === 0 ? pack : `${pack}-${parts.length + 1}`, ...loadedUpTo(end, path, loaded) });
  }
  return parts;
}

function loadedUpTo(end: number, path: string, loads: readonly LoadCommand[]): Omit<GoldenTraffic, 'name'> {
  const steps = new Set(loads.map(({ step }) => step));
  const [step] = steps;
  if (step === undefined || steps.size > 1) throw new Error(`${path} loads with ${steps.size} intervals at once`);
  const storage = new ScriptStorage();
  for (const load of loads) storage.load(path, load);
  const columns = storage.columns();
  const floats = columns.filter(({ histograms }) => histograms === undefined);
  const series = floats.map((column) => ({ labels: column.labels, samples: scraped(column.floats, step, end) }));
  return { step, end, series, native: columns.length - floats.length };
}

function scraped({ timestamps, values }: FloatColumn, step: number, end: number): Sample[] {
  const samples: Sample[] = [];
  timestamps.forEach((timestamp, i) => {
    if (timestamp >= end) return;
    const next = timestamps[i + 1] ?? Number.POSITIVE_INFINITY;
    samples.push({ timestamp, value: values[i] as number });
    if (next > timestamp + step || next >= end) samples.push({ timestamp: timestamp + step, value: STALE_NAN });
  });
  return samples;
}
