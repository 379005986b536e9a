import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { TimeSeries, WriteRequest } from '../../lib/prompb/write-request.ts';
import { labels, nativeHistogram, sampled, series, V1, V2 } from '../receiver/messages.ts';
import { arbitraryV1, arbitraryV2 } from './arbitrary-write-request.ts';

describe('encodeWriteRequest', () => {
  it.each([
    ['1.0', V1, arbitraryV1],
    ['2.0', V2, arbitraryV2],
  ])('loses nothing in %s, whatever the request', (_, protocol, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (request) => {
        const bytes = encodeWriteRequest(request, protocol);
        const decoded = decodeWriteRequest(bytes, protocol);
        expect(decoded).toEqual(request);
        // What `toEqual` cannot tell apart (the bits of NaNs) shows in the bytes.
        expect(Buffer.from(encodeWriteRequest(decoded, protocol)).equals(bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([V1, V2])('writes the exact bits of NaNs in %s', (protocol) => {
    const bytesOf = (value: number) =>
      Buffer.from(encodeWriteRequest(requestOf(sampled(labels('__name__', 'a'), value)), protocol)).toString('hex');
    expect(bytesOf(STALE_NAN)).toContain('020000000000f07f');
    expect(bytesOf(Number.NaN)).toContain('010000000000f87f');
    expect(bytesOf(0 / 0)).toContain('010000000000f87f');
  });

  it('writes a series of 2.0 byte by byte as the specification draws it', () => {
    const request = requestOf(series(labels('__name__', 'up'), { samples: [{ timestamp: 1, value: 1 }] }));
    expect(Buffer.from(encodeWriteRequest(request, V2)).toString('hex')).toBe(
      [
        '2200',
        `2208${hex('__name__')}`,
        `2202${hex('up')}`,
        '2a11',
        '0a020102',
        '120b',
        '09000000000000f03f',
        '1001',
      ].join(''),
    );
  });

  it('writes a series of 1.0 byte by byte as the specification draws it', () => {
    const request = requestOf(series(labels('__name__', 'up'), { samples: [{ timestamp: -1, value: 0 }] }));
    expect(Buffer.from(encodeWriteRequest(request, V1)).toString('hex')).toBe(
      ['0a1d', '0a0e', `0a08${hex('__name__')}`, `1202${hex('up')}`, '120b', '10ffffffffffffffffff01'].join(''),
    );
  });

  it('uses each symbol once', () => {
    const many = Array.from({ length: 100 }, () => sampled(labels('__name__', 'only_once', 'job', 'only_once')));
    const text = Buffer.from(encodeWriteRequest(requestOf(...many), V2)).toString('latin1');
    expect(text.split('only_once')).toHaveLength(2);
  });

  it('keeps the kind of a histogram without observations', () => {
    for (const isFloat of [true, false]) {
      const histogram = nativeHistogram({ isFloat, count: 0, zeroCount: 0, positiveDeltas: [], negativeDeltas: [] });
      const request = requestOf(series([], { histograms: [histogram] }));
      const decoded = decodeWriteRequest(encodeWriteRequest(request, V2), V2);
      expect(decoded.timeseries[0]?.histograms[0]?.isFloat).toBe(isFloat);
    }
  });

  it('moves the metadata of families into series of 2.0', () => {
    const family = { metricFamilyName: 'a_seconds', type: 'summary', help: 'How long.', unit: 'seconds' } as const;
    const decoded = decodeWriteRequest(encodeWriteRequest({ timeseries: [], metadata: [family] }, V2), V2);
    const { metricFamilyName, ...metadata } = family;
    expect(decoded).toEqual(requestOf(series(labels('__name__', metricFamilyName), { metadata })));
  });

  it('moves the metadata of series to the families of 1.0, each once', () => {
    const metadata = { type: 'counter', help: 'How many.', unit: '' } as const;
    const both = ['x', 'y'].map((job) => sampled(labels('__name__', 'a_total', 'job', job), 1, { metadata }));
    const decoded = decodeWriteRequest(encodeWriteRequest(requestOf(...both), V1), V1);
    expect(decoded.metadata).toEqual([{ metricFamilyName: 'a_total', ...metadata }]);
  });
});

function requestOf(...timeseries: readonly TimeSeries[]): WriteRequest {
  return { timeseries, metadata: [] };
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
