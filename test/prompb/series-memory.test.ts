import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS } from '../../lib/context/tenant.ts';
import { compareStrings } from '../../lib/model/compare-strings.ts';
import { type Label, Labels } from '../../lib/model/labels.ts';
import { validateLabels } from '../../lib/pipeline/validate-labels.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import { SeriesMemory } from '../../lib/prompb/series-memory.ts';
import type { RemoteWriteProtocol } from '../../lib/prompb/write-request.ts';
import { compress, uncompress } from '../../lib/wire/snappy.ts';
import { labels, series, V1, V2 } from '../receiver/messages.ts';

const NOW = 1_795_000_000_000;

describe('SeriesMemory', () => {
  it.each([V1, V2])('%s: meets a series once and then takes its samples by itself', (protocol) => {
    const memory = newMemory();
    const of = labels('__name__', 'up', 'job', 'api');
    memory.open(bodyOf(protocol, of), protocol, 1, NOW);
    expect([memory.next(), memory.isPlain, memory.metricName]).toEqual(['new-series', true, 'up']);
    const read = memory.readLabels();
    expect([...(read ?? [])]).toEqual(of);
    expect(read !== undefined && memory.rememberSelected(read)).toBe(true);
    expect([memory.next(), memory.taken]).toEqual(['end', { selected: 1, unselected: 0, metadata: 0 }]);
    memory.open(bodyOf(protocol, of, of), protocol, 1, NOW);
    expect([memory.next(), memory.taken.selected, memory.hasName('up'), memory.hasName('job')]).toEqual([
      'end',
      2,
      true,
      false,
    ]);
    const message = decodeWriteRequest(uncompress(memory.close() ?? new Uint8Array(), 1e6), V2);
    expect(message.timeseries).toEqual(decodeWriteRequest(uncompress(bodyOf(V2, of, of), 1e6), V2).timeseries);
  });

  it.each([V1, V2])('%s: writes a series under the labels that it was made to have', (protocol) => {
    const memory = newMemory();
    const sent = labels('job', 'api', '__name__', 'up');
    const sorted = labels('__name__', 'up', 'job', 'api');
    for (const asked of [1, 0]) {
      memory.open(bodyOf(protocol, sent), protocol, 1, NOW);
      let encounter = memory.next();
      if (asked > 0) {
        expect([encounter, memory.isPlain, memory.readSeries().labels]).toEqual(['new-series', false, sent]);
        expect(memory.rememberSelectedAs(Labels.from(sorted))).toBe(true);
        encounter = memory.next();
      }
      expect(encounter).toBe('end');
      const message = decodeWriteRequest(uncompress(memory.close() ?? new Uint8Array(), 1e6), V2);
      expect(message.timeseries.map((one) => one.labels)).toEqual([sorted]);
    }
  });

  it.each([V1, V2])('%s: asks about a name that no rule uses once', (protocol) => {
    const memory = newMemory();
    const sets = Array.from({ length: 50 }, (_, i) => labels('__name__', 'noise', 'i', String(i)));
    memory.open(bodyOf(protocol, ...sets), protocol, 1, NOW);
    expect(memory.next()).toBe('new-series');
    memory.disuseName();
    expect([memory.next(), memory.taken]).toEqual(['end', { selected: 0, unselected: 50, metadata: 0 }]);
  });

  it.each([V1, V2])('%s: asks about a name of which every series is used once', (protocol) => {
    const memory = newMemory();
    const sets = Array.from({ length: 50 }, (_, i) => labels('__name__', 'up', 'i', String(i)));
    memory.open(bodyOf(protocol, ...sets), protocol, 1, NOW);
    expect([memory.next(), memory.wantName(), memory.wantName()]).toEqual(['new-series', true, false]);
    expect([memory.next(), memory.taken]).toEqual(['end', { selected: 50, unselected: 0, metadata: 0 }]);
    const message = decodeWriteRequest(uncompress(memory.close() ?? new Uint8Array(), 1e6), V2);
    expect(message.timeseries.map((one) => one.labels)).toEqual(sets);
  });

  it.each([V1, V2])('%s: comes back to a wanted series where there is no room for it', (protocol) => {
    const memory = new SeriesMemory({ generationBytes: 128, limits: DEFAULT_INTAKE_LIMITS });
    memory.open(bodyOf(protocol, labels('__name__', 'up')), protocol, 1, NOW);
    let encounter = memory.next();
    if (memory.isPlain) {
      expect(memory.wantName()).toBe(true);
      encounter = memory.next();
      expect(memory.wantName()).toBe(false);
    }
    expect(encounter).toMatch(/^(new|unusual)-series|give-up$/);
  });

  it('calls labels plain that are valid as they stand, and no others', () => {
    const name = fc.constantFrom(
      'a',
      'a\u0000',
      'a\u0001',
      'a\u0013',
      'ab',
      'ä',
      'prometheus',
      'prometheus_replica',
      '__name',
    );
    const names = fc.uniqueArray(fc.oneof(name, fc.string({ maxLength: 10 }), fc.constant('n'.repeat(130))), {
      maxLength: 6,
    });
    const value = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('', 'é', 'v'.repeat(127), 'v'.repeat(128)));
    const memory = newMemory();
    fc.assert(
      fc.property(names, fc.array(value, { minLength: 7, maxLength: 7 }), fc.boolean(), (others, values, isSorted) => {
        const of = ['__name__', ...others].map((one, i) => ({ name: one, value: values[i] ?? '' }));
        if (isSorted) of.sort((a, b) => compareStrings(a.name, b.name));
        const valid = validateLabels(of, DEFAULT_INTAKE_LIMITS);
        const isPlain = valid instanceof Labels && isDeepStrictEqual([...valid], of);
        for (const protocol of [V1, V2]) {
          memory.open(bodyOf(protocol, of), protocol, 1, NOW);
          const encounter = memory.next();
          // An empty text may be left out in 1.0, which is unusual.
          if (encounter === 'unusual-series') expect(isPlain).toBe(false);
          else expect([protocol, of, encounter, memory.isPlain]).toEqual([protocol, of, 'new-series', isPlain]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['an empty value', labels('__name__', 'up', 'job', '')],
    ['an empty name', labels('', 'x', '__name__', 'up')],
    ['no metric name', labels('job', 'api')],
    ['a name twice', labels('__name__', 'up', 'job', 'a', 'job', 'b')],
    ['names out of order', labels('job', 'a', '__name__', 'up')],
    ['a long name', labels('__name__', 'up', 'n'.repeat(513), 'a')],
    ['a long value', labels('__name__', 'up', 'job', 'v'.repeat(4097))],
    ['too many labels', labels('__name__', 'up', ...Array.from({ length: 60 }, (_, i) => [`a${i + 10}`, 'x']).flat())],
  ])('calls %s not plain', (_, of) => {
    const memory = newMemory();
    for (const protocol of [V1, V2]) {
      memory.open(bodyOf(protocol, of), protocol, 1, NOW);
      // In 1.0 an empty text may be left out altogether, which is unusual.
      expect(memory.next()).toMatch(/^(new|unusual)-series$/);
      expect(memory.isPlain).toBe(false);
      memory.skip();
      expect(memory.next()).toBe('end');
    }
  });

  it('calls text plain that is UTF-8, and nothing else', () => {
    const texts: readonly (readonly [Uint8Array, boolean])[] = [
      [Buffer.from('é€\u{1f600}\u{10ffff}\u0000'), true],
      [Uint8Array.of(0xc0, 0x80), false],
      [Uint8Array.of(0xe0, 0x80, 0x80), false],
      [Uint8Array.of(0xed, 0xa0, 0x80), false],
      [Uint8Array.of(0xf4, 0x90, 0x80, 0x80), false],
      [Uint8Array.of(0xf0, 0x8f, 0xbf, 0xbf), false],
      [Uint8Array.of(0xff), false],
      [Uint8Array.of(0xc3), false],
    ];
    for (const [bytes, isText] of texts) {
      for (const protocol of [V1, V2]) {
        const filler = '?'.repeat(bytes.length);
        const encoded = Buffer.from(uncompress(bodyOf(protocol, labels('__name__', 'up', 'job', filler)), 1e6));
        encoded.set(bytes, encoded.indexOf(filler));
        const memory = newMemory();
        memory.open(compress(encoded), protocol, 1, NOW);
        expect([memory.next(), memory.isPlain, bytes]).toEqual(['new-series', isText, bytes]);
        expect(memory.readSeries().defect === undefined).toBe(isText);
      }
    }
  });

  it('takes no sample outside its times', () => {
    const memory = newMemory();
    const of = labels('__name__', 'up');
    for (const protocol of [V1, V2]) {
      memory.open(bodyOf(protocol, of), protocol, NOW + 1, NOW + 2);
      expect([memory.next(), memory.next()]).toEqual(['unusual-series', 'end']);
      memory.open(bodyOf(protocol, of), protocol, 1, NOW - 1);
      expect([memory.next(), memory.next()]).toEqual(['unusual-series', 'end']);
    }
  });

  it('opens nothing that is empty, corrupt, too large or of the other protocol', () => {
    const memory = newMemory();
    const large = compress(new Uint8Array(9 << 20));
    for (const body of [new Uint8Array(), Uint8Array.of(1), large, compress(new Uint8Array())]) {
      expect(memory.open(body, V1, 1, NOW)).toBe(false);
    }
    expect(memory.open(bodyOf(V1, labels('__name__', 'up')), V2, 1, NOW)).toBe(false);
    expect(memory.open(bodyOf(V2, labels('__name__', 'up')), V1, 1, NOW) && memory.next()).toBe('give-up');
  });
});

function newMemory(): SeriesMemory {
  return new SeriesMemory({ generationBytes: 1 << 20, limits: DEFAULT_INTAKE_LIMITS });
}

function bodyOf(protocol: RemoteWriteProtocol, ...sets: readonly (readonly Label[])[]): Uint8Array {
  const timeseries = sets.map((of) => series(of, { samples: [{ timestamp: NOW, value: 1 }] }));
  return compress(encodeWriteRequest({ timeseries, metadata: [] }, protocol));
}
