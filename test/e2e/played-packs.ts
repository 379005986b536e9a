import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatFloat } from '../../lib/model/format-float.ts';
import type { Labels } from '../../lib/model/labels.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { parseScript } from '../promql/script/parse-script.ts';

/** A raw series of a pack's golden script, played in real time and without an end. */
export interface PlayedSeries {
  readonly pack: string;
  readonly labels: Labels;
  /** Undefined while the series is away. Times in ms. */
  readonly valueAt: Course;
}

type Course = (ms: number, opened: number) => number | undefined;

/** Values of the scripts follow each other at this distance. */
const STEP_MS = 10_000;

/** Series come, go and change their course a second after a multiple of it: rules are evaluated long after that. */
const PHASE_MS = 1000;
const SLOW_MS = 20_000;

const folder = new URL('../packs/golden/', import.meta.url).pathname;

/**
 * The series of all golden scripts. Counters grow on, and some of them start again at their beginning; gauges that say an
 * amount move; what the scripts show with gaps keeps its gaps; and some series vanish for twenty seconds and return. Series
 * that two scripts have are played as the first has them. Native histograms are left out: text has no place for them.
 */
export function playedPacks(): readonly PlayedSeries[] {
  const played = new Map<string, PlayedSeries>();
  for (const file of readdirSync(folder).sort()) {
    const { commands } = parseScript(file, readFileSync(folder + file, 'utf8'), new Set(['contextualize']));
    for (const command of commands) {
      if (command.kind !== 'load') continue;
      for (const { labels, values } of command.series) {
        if (played.has(labels.key) || values.some(({ kind }) => kind === 'histogram')) continue;
        const floats = values.map((one) => (one.kind === 'float' && !isStaleNaN(one.value) ? one.value : undefined));
        const valueAt = course(labels, floats, hashOf(labels.key));
        played.set(labels.key, { pack: file.replace(/\.test$/, ''), labels, valueAt });
      }
    }
  }
  return [...played.values()];
}

/** Where the series are shown: each pack is a target of its own, `/metrics/<pack>`, in the text format. */
export class Stage {
  readonly #series: readonly PlayedSeries[];
  readonly #server: Server;
  #opened = Number.POSITIVE_INFINITY;

  constructor(series: readonly PlayedSeries[]) {
    this.#series = series;
    this.#server = createServer(({ url = '' }, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(this.#page(url.replace('/metrics/', ''), Date.now()));
    });
  }

  /** Resolves with the port. Until `open` is called the pages are empty. */
  async listen(): Promise<number> {
    await new Promise<void>((ready) => this.#server.listen(0, '127.0.0.1', ready));
    return (this.#server.address() as AddressInfo).port;
  }

  /** @returns when it opened, ms. */
  open(): number {
    this.#opened = Date.now();
    return this.#opened;
  }

  close(): void {
    this.#server.close();
  }

  #page(target: string, now: number): string {
    if (now < this.#opened) return '';
    const lines = this.#series.flatMap(({ pack, labels, valueAt }) => {
      const value = pack === target ? valueAt(now, this.#opened) : undefined;
      return value === undefined ? [] : [`${labels} ${formatFloat(value)}\n`];
    });
    return lines.join('');
  }
}

function course(labels: Labels, floats: readonly (number | undefined)[], hash: number): Course {
  const whole = wholeCourse(labels, floats, hash);
  if (hash % 11 !== 3) return whole;
  return (ms, opened) => (Math.floor((ms - PHASE_MS) / SLOW_MS) % 3 === 2 ? undefined : whole(ms, opened));
}

function wholeCourse(labels: Labels, floats: readonly (number | undefined)[], hash: number): Course {
  const known = floats.filter((value) => value !== undefined);
  const [first = 0, last = 0] = [known[0], known.at(-1)];
  // What has gaps or turns is shown slowly, so that every way in sees each turn well before rules are evaluated.
  const isRising = known.length === floats.length && known.every((value, i) => value >= (known[i - 1] ?? first));
  if (!isRising) return (ms) => floats[Math.floor((ms - PHASE_MS) / SLOW_MS) % floats.length];
  if (last > first) return hash % 4 === 0 ? restarting(known) : growing(known);
  return isAmount(labels, first) && hash % 2 === 0 ? swinging(first) : () => first;
}

function growing(values: readonly number[]): Course {
  const last = values.length - 1;
  const pace = (values[last] ?? 0) - (values[last - 1] ?? 0);
  return (ms, opened) => {
    const step = Math.floor((ms - opened) / STEP_MS) + HEAD_START;
    return step <= last ? values[step] : (values[last] ?? 0) + (step - last) * pace;
  };
}

/** Every twelve steps it begins again. */
function restarting(values: readonly number[]): Course {
  return (ms, opened) => values[(Math.floor((ms - opened) / STEP_MS) + HEAD_START) % Math.min(12, values.length)];
}

/**
 * Steps that counters have done when they are seen first. Of counters that were seen close to zero, Prometheus before 3
 * reckons otherwise how far a rate reaches back.
 */
const HEAD_START = 6;

function swinging(middle: number): Course {
  return (ms) => middle * (1 + (Math.floor((ms - PHASE_MS) / STEP_MS) % 7) / 100);
}

/** States, shares and points in time stay as they are; so does what is a counter by its name. */
function isAmount({ metricName }: Labels, value: number): boolean {
  return value > 1 && !/_(total|count|sum|bucket|time|timestamp|info)(_|$)/.test(metricName);
}

/** FNV-1a over UTF-16 units: the same course in each run. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
