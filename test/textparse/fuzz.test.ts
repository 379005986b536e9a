import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../bench/seeded-random.ts';
import { ExpositionError } from '../../lib/textparse/errors.ts';
import type { ExpositionSyntax } from '../../lib/textparse/exposition-format.ts';
import { openPage } from '../../lib/textparse/open-page.ts';
import { SeriesCache } from '../../lib/textparse/series-cache.ts';
import { readCapturedPages } from './captures.ts';
import { labelPair, metric, time, writePage } from './family-message.ts';

const PAGES = 20_000;
const SEED = 20_261_122;
const MAX_PAGE_MS = 1000;
/** Small pages get damaged where it hurts. */
const MAX_SEED_BYTES = 4000;

const TEXT = Buffer.from(`# HELP a Some "help" with \\n and \\\\.
# TYPE a histogram
a_bucket{le="1",path="/x\\"y\\\\z\\n"} 1 1795348558211
a_bucket { le = "+Inf" , path="é" , } 2
{"größe.in cm","label.x"="y"} -1.5e-7
a_count NaN
plain 17
`);
const OPENMETRICS = Buffer.from(`# TYPE a counter
# HELP a Some "help" with \\n and \\\\.
# UNIT a_seconds seconds
a_total{x="y"} 17 1795347944.639 # {trace_id="é"} 0.5 1795347944.6
a_created{x="y"} 1795347944
# TYPE b histogram
b_bucket{le="1"} 2 # {trace_id="z"} 1
{"c.d",e="f"} -Inf
# EOF
`);
const PROTOBUF = writePage(
  [
    [1, 'a'],
    [2, 'help'],
    [3, 4n],
    metric(
      { x: 'y' },
      [
        7,
        [
          [1, 10n],
          [2, 24.5],
          [
            3,
            [
              [1, 4n],
              [2, 0.5],
              [
                3,
                [
                  [1, labelPair('t', 'x')],
                  [2, 1],
                ],
              ],
            ],
          ],
          [5, { sint: 2 }],
          [
            12,
            [
              [1, { sint: -3 }],
              [2, 3n],
            ],
          ],
          [13, { packedSints: [2, 0, -1] }],
          [15, time(5n, 6n)],
        ],
      ],
      1795348558211n,
    ),
  ],
  [[1, 'b'], [3, 0n], metric({ x: 'é' }, [3, [[1, 5]]])],
);

describe('damaged pages', () => {
  it.each<[ExpositionSyntax, Uint8Array]>([
    ['text', TEXT],
    ['openmetrics', OPENMETRICS],
    ['protobuf', PROTOBUF],
  ])(`of %s (${PAGES}) are read or refused, quickly, with the room's own errors`, (syntax, own) => {
    const random = seededRandom(SEED);
    const seeds = [own, ...capturedSeeds(syntax)];
    const cache = new SeriesCache();
    const outcomes = { read: 0, refused: 0 };
    let slowestMs = 0;
    for (let i = 0; i < PAGES; i++) {
      const seed = seeds[Math.floor(random() ** 2 * seeds.length)] as Uint8Array;
      const page = damage(seed, random);
      const start = performance.now();
      outcomes[outcomeOf(page, syntax, cache)]++;
      slowestMs = Math.max(slowestMs, performance.now() - start);
    }
    expect(slowestMs).toBeLessThan(MAX_PAGE_MS);
    // Both must be frequent, or the damage tries nothing.
    expect(outcomes.read).toBeGreaterThan(PAGES / 50);
    expect(outcomes.refused).toBeGreaterThan(PAGES / 5);
  });
});

function outcomeOf(page: Uint8Array, syntax: ExpositionSyntax, cache: SeriesCache): 'read' | 'refused' {
  try {
    const parser = openPage(page, { syntax, escaping: undefined }, { cache, limits: { samples: 10_000 } });
    for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
      const isSound =
        kind === 'sample' || kind === 'histogram'
          ? parser.series.labels.metricName !== '' && (kind === 'sample' || typeof parser.histogram.count === 'number')
          : parser.metadata.metricFamilyName !== '';
      if (!isSound) throw new Error(`an unsound ${kind} came out of ${Buffer.from(page).toString('base64')}`);
    }
    return 'read';
  } catch (error) {
    if (error instanceof ExpositionError) return 'refused';
    throw error;
  }
}

/** One to four injuries: a byte changed, cut out, doubled, moved, or the end cut off. */
function damage(seed: Uint8Array, random: () => number): Uint8Array {
  const below = (bound: number) => Math.floor(random() * bound);
  let page = Uint8Array.from(seed);
  for (let injuries = 1 + below(4); injuries > 0; injuries--) {
    const at = below(page.length);
    const length = 1 + below(8);
    const [head, tail] = [page.subarray(0, at), page.subarray(at)];
    switch (below(6)) {
      case 0:
        page[at] = below(256);
        break;
      case 1:
        page[at] = SIGNS[below(SIGNS.length)] as number;
        break;
      case 2:
        page = join(head, tail.subarray(length));
        break;
      case 3:
        page = join(head, page.subarray(below(page.length)).subarray(0, length * 4), tail);
        break;
      case 4:
        page = join(head, tail.subarray(0, length), tail);
        break;
      default:
        if (random() < 0.2) page = join(head);
    }
    if (page.length === 0) return page;
  }
  return page;
}

const SIGNS = Buffer.from('{}",=\\ \n\t\r#+-.eE0_:\0');

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

function capturedSeeds(syntax: ExpositionSyntax): Uint8Array[] {
  const word = { text: 'text/plain', openmetrics: 'openmetrics', protobuf: 'protobuf' }[syntax];
  return readCapturedPages()
    .filter(({ contentType, body }) => contentType.includes(word) && body.length > 0 && body.length < MAX_SEED_BYTES)
    .map(({ body }) => body);
}
