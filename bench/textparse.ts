import { performance } from 'node:perf_hooks';
import { type ExpositionFormat, formatOf } from '../lib/textparse/exposition-format.ts';
import { openPage } from '../lib/textparse/open-page.ts';
import { SeriesCache } from '../lib/textparse/series-cache.ts';
import { readCapturedPages } from '../test/textparse/captures.ts';
import { seededRandom } from './seeded-random.ts';

const MIN_PAGE_BYTES = 30_000;
const GENERATED_SERIES = 10_000;
const GENERATED = `generated, ${GENERATED_SERIES} series`;
const ROUND_MS = 100;

interface BenchPage {
  readonly name: string;
  readonly format: ExpositionFormat;
  /** One target's page at several scrapes: the same series, other values. */
  readonly scrapes: readonly Uint8Array[];
}

/**
 * `npm run bench -- textparse [ROUNDS]`: how fast pages are read on one core, with a series cache that knows them (warm)
 * and without any (cold), against the time it takes to add up their bytes. Medians of rounds of a tenth of a second.
 * The figures are the generated federation page's, warm; MB are millions of bytes.
 */
export async function run([rounds = '7']: readonly string[]): Promise<Record<string, unknown>> {
  const table: Record<string, Record<string, number>> = {};
  for (const page of [generatedPage(), ...capturedPages()]) table[page.name] = measurePage(page, Number(rounds));
  const { warm, cold, reading } = table[GENERATED] as Record<string, number>;
  return {
    table,
    mbPerSecond: warm,
    coldMbPerSecond: cold,
    ratioToReading: round((reading as number) / (warm as number)),
    node: process.version,
  };
}

function measurePage({ scrapes, format }: BenchPage, rounds: number): Record<string, number> {
  const cache = new SeriesCache();
  const [bytes = 0] = scrapes.map(({ length }) => length);
  const reading = measure(scrapes, rounds, sum);
  const warm = measure(scrapes, rounds, (page) => parse(page, format, cache));
  const cold = measure(scrapes, rounds, (page) => parse(page, format, new SeriesCache()));
  return { bytes, reading: round(reading), warm: round(warm), cold: round(cold), ratioWarm: round(reading / warm) };
}

/** Median of millions of bytes a second. */
function measure(scrapes: readonly Uint8Array[], rounds: number, work: (page: Uint8Array) => number): number {
  const speeds: number[] = [];
  for (let i = -2; i < rounds; i++) {
    const start = performance.now();
    let bytes = 0;
    let check = 0;
    for (let at = 0; performance.now() - start < ROUND_MS; at++) {
      const page = scrapes[at % scrapes.length] as Uint8Array;
      check += work(page);
      bytes += page.length;
    }
    if (check === 0) throw new Error('BUG: the bench has measured nothing');
    // The first rounds are for the compiler.
    if (i >= 0) speeds.push(bytes / 1000 / (performance.now() - start));
  }
  return speeds.sort((a, b) => a - b)[Math.floor(speeds.length / 2)] ?? 0;
}

function sum(page: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < page.length; i++) total += page[i] as number;
  return total;
}

/** Asks each entry for what a scraper needs of it. */
function parse(page: Uint8Array, format: ExpositionFormat, cache: SeriesCache): number {
  const parser = openPage(page, format, { cache });
  let check = 0;
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    if (kind === 'sample') check += parser.series.labels.size + (parser.value > 0 ? 1 : 0) + (parser.timestamp ?? 1);
    else check++;
  }
  return check;
}

/** What `/federate` of a Prometheus with 200 pods answers: untyped families, labels of a cluster, values that change. */
function generatedPage(): BenchPage {
  const scrapes = [0, 1, 2].map((scrape) => Buffer.from(generateScrape(seededRandom(scrape + 1), scrape)));
  return { name: GENERATED, format: formatOf('text/plain; version=0.0.4'), scrapes };
}

function generateScrape(random: () => number, scrape: number): string {
  const at = 1_795_348_558_211 + scrape * 15_000;
  const lines: string[] = [];
  for (let series = 0; series < GENERATED_SERIES; series++) {
    const [family, pod] = [Math.floor(series / 200), series % 200];
    if (pod === 0) lines.push(`# TYPE job:http_requests_${family}:rate5m untyped`);
    const labels =
      `cluster="eu-west-1",namespace="shop",pod="checkout-7d9f8b6c5-${pod}",` +
      `instance="10.0.${pod >> 4}.${pod & 15}:8080",job="checkout",path="/cart/${family}",status="200"`;
    lines.push(`job:http_requests_${family}:rate5m{${labels}} ${someValue(random)} ${at + pod}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Counts, ratios with three digits, and one in four with all the digits of a double. */
function someValue(random: () => number): number {
  const kind = random();
  if (kind < 0.5) return Math.floor(random() * 100_000);
  return kind < 0.75 ? Math.round(random() * 1000) / 1000 : random() * 100;
}

function capturedPages(): BenchPage[] {
  return readCapturedPages()
    .filter(({ body }) => body.length >= MIN_PAGE_BYTES)
    .map(({ file, contentType, body }) => ({ name: file, format: formatOf(contentType), scrapes: [body] }));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
