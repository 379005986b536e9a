import fc from 'fast-check';
import { Writer } from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import {
  DecodeError,
  MessageTooLargeError,
  type RemoteWriteProtocol,
  WrongProtocolError,
} from '../../lib/prompb/write-request.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { concat, labels, rawV2, sampled, UNKNOWN_FIELD, V1, V2 } from '../receiver/messages.ts';
import { arbitraryV1, arbitraryV2 } from './arbitrary-write-request.ts';

const up = { timeseries: [sampled(labels('__name__', 'up'))], metadata: [] };

describe('decodeWriteRequest', () => {
  it.each([
    [
      'a value of the wrong wire type',
      V1,
      '0a04 1202 0801',
      /timeseries\.samples: value \(field 1\) has wire type 0 where 1 is expected, at byte 5/,
    ],
    [
      'a series of the wrong wire type',
      V1,
      '0801',
      /timeseries \(field 1\) has wire type 0 where 2 is expected, at byte 1/,
    ],
    ['a series longer than the message', V1, '0a09 12', /timeseries claims 9 bytes where 1 are left, at byte 2/],
    ['a label longer than its series', V1, '0a03 0a05 0a', /timeseries: labels claims 5 bytes where 1 are left/],
    ['a text longer than its label', V1, '0a05 0a03 0a09 61', /timeseries\.labels: field 1 ends beyond its message/],
    [
      'a double that is cut off',
      V1,
      '0a05 1203 090102',
      /timeseries\.samples: field 1 ends beyond its message, at byte 5/,
    ],
    ['a varint without end', V1, '0a0d 120b 10ffffffffffffffffff80', /timeseries\.samples: field 2/],
    [
      'a varint of eleven bytes',
      V1,
      '0a0f 120d 10ffffffffffffffffffffff01',
      /timeseries\.samples: field 2 is malformed/,
    ],
    ['field number 0', V1, '0a02 0001', /timeseries: field number 0 is not allowed/],
    ['wire type 6', V1, '4e', /field 9 is malformed.*wire type 6/],
    ['a group without end', V1, '4b08', /ends beyond its message/],
    ['an end of no group', V1, '4c', /field 9 is malformed/],
    [
      'a timestamp of the wrong wire type',
      V2,
      '2200 2a04 1202 1200',
      /timestamp \(field 2\) has wire type 2 where 0 is expected/,
    ],
    ['symbols of the wrong wire type', V2, '2001', /symbols \(field 4\) has wire type 0 where 2 is expected/],
    ['a series after the end', V2, '2200 2a20 0a', /timeseries claims 32 bytes where 1 are left/],
    ['references that are cut off', V2, '2200 2a03 0a02 01', /timeseries claims 3 bytes|timeseries: field 1/],
    ['symbols that do not begin with ""', V2, '220161', /symbols\[0\] is "a"/],
    ['nothing known, as 1.0', V1, '980601', /none of the fields in its 3 bytes is known/],
    ['nothing known, as 2.0', V2, '980601', /none of the fields in its 3 bytes is known/],
  ])('refuses %s', (_, protocol, bytes, reason) => {
    expect(() => decodeWriteRequest(fromHex(bytes), protocol)).toThrow(DecodeError);
    expect(() => decodeWriteRequest(fromHex(bytes), protocol)).toThrow(reason);
    expect(() => decodeWriteRequest(fromHex(bytes), protocol)).toThrow(`cannot decode ${protocol}: `);
  });

  it('refuses each protocol under the name of the other', () => {
    expect(() => decodeWriteRequest(encodeWriteRequest(up, V1), V2)).toThrow(WrongProtocolError);
    expect(() => decodeWriteRequest(encodeWriteRequest(up, V2), V1)).toThrow(WrongProtocolError);
    expect(() => decodeWriteRequest(encodeWriteRequest({ timeseries: [], metadata: [] }, V2), V1)).toThrow(
      WrongProtocolError,
    );
  });

  it.each([V1, V2])('takes an empty message for an empty request (%s)', (protocol) => {
    expect(decodeWriteRequest(new Uint8Array(), protocol)).toEqual({ timeseries: [], metadata: [] });
  });

  it.each([V1, V2])('skips fields of any wire type that it does not know (%s)', (protocol) => {
    const unknown = new Writer();
    unknown.uint32((99 << 3) | 0).uint32(7);
    unknown.uint32((98 << 3) | 1).double(7);
    unknown.uint32((97 << 3) | 2).string('seven');
    unknown.uint32((96 << 3) | 5).fixed32(7);
    unknown
      .uint32((95 << 3) | 3)
      .uint32(8)
      .uint32(7)
      .uint32((95 << 3) | 4);
    const extra = unknown.finish();
    const message = concat(extra, encodeWriteRequest(up, protocol), extra, UNKNOWN_FIELD);
    expect(decodeWriteRequest(message, protocol)).toEqual(up);
  });

  it('finds symbols behind the series that refer to them', () => {
    const bytes = Buffer.from(encodeWriteRequest(up, V2));
    const seriesAt = bytes.indexOf(0x2a);
    expect(decodeWriteRequest(concat(bytes.subarray(seriesAt), bytes.subarray(0, seriesAt)), V2)).toEqual(up);
  });

  it('knows the stale marker by its exact bits alone', () => {
    const doubleOf = (bits: string) =>
      decodeWriteRequest(fromHex(`0a0b 1209 09 ${bits}`), V1).timeseries[0]?.samples[0]?.value ?? 0;
    expect(isStaleNaN(doubleOf('020000000000f07f'))).toBe(true);
    for (const other of [
      '010000000000f87f',
      '000000000000f87f',
      '020000000000f87f',
      '020000000000f0ff',
      '030000000000f07f',
    ]) {
      expect(doubleOf(other)).toBeNaN();
      expect(isStaleNaN(doubleOf(other)), other).toBe(false);
    }
  });

  it('takes the start timestamp of a series, as until rc.3, for samples without one', () => {
    const bytes = uncompress(rawV2(['', '__name__', 'a'], [{ refs: [1, 2], createdTimestamp: 1234 }]).body, 1000);
    expect(decodeWriteRequest(bytes, V2).timeseries[0]?.samples[0]?.startTimestamp).toBe(1234);
  });

  it('takes a start timestamp of 0 for none', () => {
    const samples = fromHex('2200 2a08 1206 1001 1800 1800');
    expect(decodeWriteRequest(samples, V2).timeseries[0]?.samples).toEqual([{ timestamp: 1, value: 0 }]);
  });

  it('reads 64-bit integers to their ends', () => {
    const timestampOf = (varint: string) => {
      const sample = `10${varint}`;
      const series = `12${byte(sample.length / 2)}${sample}`;
      const bytes = fromHex(`0a${byte(series.length / 2)}${series}`);
      return decodeWriteRequest(bytes, V1).timeseries[0]?.samples[0]?.timestamp;
    };
    expect(timestampOf('ffffffffffffffffff01')).toBe(-1);
    expect(timestampOf('80808080808080808001')).toBe(-(2 ** 63));
    expect(timestampOf('ffffffffffffffff7f')).toBe(2 ** 63);
  });

  it.each([
    ['an odd number of references', [1, 2, 1], /labels_refs has an odd number of references \(3\)/],
    ['a reference outside the table', [1, 7], /labels_refs refers to symbol 7 of 3/],
  ])('marks the series of %s and keeps the others', (_, refs, defect) => {
    const { body } = rawV2(['', '__name__', 'a'], [{ refs }, { refs: [1, 2] }]);
    const { timeseries } = decodeWriteRequest(uncompress(body, 1000), V2);
    expect(timeseries[0]?.defect).toMatch(defect);
    expect(timeseries[1]).toMatchObject({ labels: labels('__name__', 'a') });
    expect(timeseries[1]?.defect).toBeUndefined();
  });

  it.each([V1, V2])('marks a series whose labels are not UTF-8 and keeps the others (%s)', (protocol) => {
    const request = {
      timeseries: [sampled(labels('__name__', 'b~')), sampled(labels('__name__', 'up'))],
      metadata: [],
    };
    const bytes = encodeWriteRequest(request, protocol).map((byte) => (byte === 0x7e ? 0xff : byte));
    const { timeseries } = decodeWriteRequest(bytes, protocol);
    expect(timeseries.map(({ defect }) => defect)).toEqual([expect.stringMatching(/UTF-8/), undefined]);
  });

  it('refuses a small body that would unfold into millions of series', () => {
    const bytes = new Uint8Array(2_000_000);
    for (let i = 0; i < bytes.length; i += 2) bytes[i] = 0x0a;
    expect(() => decodeWriteRequest(bytes, V1)).toThrow(MessageTooLargeError);
    expect(() => decodeWriteRequest(bytes, V1)).toThrow(/send fewer at once/);
  });

  it('survives groups within groups without end', () => {
    const bytes = new Uint8Array(100_000).fill((5 << 3) | 3);
    expect(() => decodeWriteRequest(bytes, V1)).toThrow(DecodeError);
  });

  it('ends with a request or a DecodeError, whatever it is given', () => {
    const mutated = (protocol: RemoteWriteProtocol, arbitrary: typeof arbitraryV1) =>
      fc
        .tuple(arbitrary, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }))
        .map(([request, changes]) => {
          const bytes = Uint8Array.from(encodeWriteRequest(request, protocol));
          for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          return { bytes, protocol };
        });
    fc.assert(
      fc.property(fc.oneof(mutated(V1, arbitraryV1), mutated(V2, arbitraryV2)), ({ bytes, protocol }) => {
        try {
          decodeWriteRequest(bytes, protocol);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
