import { decodeWriteRequest } from '../../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../../lib/prompb/encode-write-request.ts';
import { DecodeError, type RemoteWriteProtocol } from '../../../lib/prompb/write-request.ts';
import { compress, SnappyError, uncompress } from '../../../lib/wire/snappy.ts';
import { encodingOf, protocolOf, readBody, readCaptures } from '../../prompb/captures.ts';
import { customHistogram, exemplar, labels, nativeHistogram, series, V1, V2 } from '../../receiver/messages.ts';
import { type FuzzTarget, texts } from '../fuzz-target.ts';

/** Largest block that a fuzzed body may become, bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Recorded messages up to this size are damaged, bytes. */
const MAX_MESSAGE = 20_000;

/** What remote-write bodies are read with. */
export const WIRE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'snappy',
    corpus: [...texts('', 'tributary', 'ab'.repeat(500), 'x'.repeat(70_000)), messageOf(V1, 3), messageOf(V2, 3)].map(
      compress,
    ),
    words: [],
    refusals: [SnappyError],
    run: (input) => {
      const bytes = uncompress(input, MAX_BYTES);
      if (bytes.length > MAX_BYTES) throw new Error(`${bytes.length} bytes came out`);
    },
  },
  ...[V1, V2].map(
    (protocol): FuzzTarget => ({
      name: protocol === V1 ? 'remote-write 1.0' : 'remote-write 2.0',
      corpus: [1, 3].map((size) => messageOf(protocol, size)).concat(recorded(protocol)),
      words: [],
      refusals: [DecodeError],
      run: (input) => decodeWriteRequest(input, protocol),
    }),
  ),
];

/** Every field of the message. */
function messageOf(protocol: RemoteWriteProtocol, size: number): Uint8Array {
  const timeseries = Array.from({ length: size }, (_, i) => {
    const of = labels('__name__', `fuzz_${i}_total`, 'path', '/ä?b="c"', 'trace', 'x'.repeat(i * 50));
    const metadata = { type: 'counter', help: 'How much fuzz.', unit: 'bytes' } as const;
    const samples = [1, Number.NaN, Number.POSITIVE_INFINITY].map((value, at) => ({ timestamp: 1000 * at, value }));
    const histograms = [nativeHistogram({ timestamp: 1000 }), customHistogram({ timestamp: 2000 })];
    const exemplars = [exemplar(labels('trace_id', 'abc'), 1, 1000)];
    return [series(of, { samples, metadata, exemplars }), series(of, { histograms, metadata })];
  }).flat();
  const metadata = [{ metricFamilyName: 'fuzz', type: 'counter', help: 'Fuzz.', unit: 's' } as const];
  return encodeWriteRequest({ timeseries, metadata: protocol === V1 ? metadata : [] }, protocol);
}

function recorded(protocol: RemoteWriteProtocol): readonly Uint8Array[] {
  return readCaptures()
    .filter((capture) => encodingOf(capture) === 'snappy' && protocolOf(capture) === protocol)
    .filter(({ decoded }) => decoded.raw <= MAX_MESSAGE)
    .map((capture) => uncompress(readBody(capture), 2 * MAX_MESSAGE));
}
