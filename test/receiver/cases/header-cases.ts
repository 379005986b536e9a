import { compress } from '../../../lib/wire/snappy.ts';
import { labels, type OutgoingRequest, sampled, UNKNOWN_FIELD, V1_HEADERS, V2_HEADERS, v1, v2 } from '../messages.ts';
import { accepted, answered, type ReceiverCase, refused } from './receiver-case.ts';

const good1 = () => v1([sampled(labels('__name__', 'suite_headers_total', 'job', 'suite'))]);
const good2 = () => v2(sampled(labels('__name__', 'suite_headers_total', 'job', 'suite')));

/** Methods, content types, content encodings and bodies that are no message. */
export const HEADER_CASES: readonly ReceiverCase[] = [
  answered('1.0 with all its headers', good1, 204),
  answered('1.0 without a version header', () => without(good1(), 'x-prometheus-remote-write-version'), 204),
  answered('1.0 of another 1.x version', () => header(good1(), 'x-prometheus-remote-write-version', '1.3.0'), 204),
  answered('1.0 without a content type', () => without(good1(), 'content-type'), 204, { level: 'choice' }),
  answered('1.0 without a content encoding', () => without(good1(), 'content-encoding'), 204, { level: 'choice' }),
  answered('1.0 without any header', () => ({ headers: {}, body: good1().body }), 204, { level: 'choice' }),
  answered('1.0 by proto parameter', () => type(good1(), 'application/x-protobuf;proto=prometheus.WriteRequest'), 204),
  answered('1.0 of a charset', () => type(good1(), 'application/x-protobuf; charset=utf-8'), 204, { level: 'choice' }),
  answered('media type in capitals', () => type(good1(), 'Application/X-Protobuf'), 204, { level: 'choice' }),
  answered('encoding in capitals', () => header(good1(), 'content-encoding', 'SNAPPY'), 204, { level: 'choice' }),

  accepted('2.0 with all its headers', good2, [1, 0, 0]),
  accepted('2.0 without a version header', () => without(good2(), 'x-prometheus-remote-write-version'), [1, 0, 0], {
    level: 'choice',
  }),
  accepted(
    '2.0 of another 2.x version',
    () => header(good2(), 'x-prometheus-remote-write-version', '2.9.1'),
    [1, 0, 0],
  ),
  accepted('2.0 without a content encoding', () => without(good2(), 'content-encoding'), [1, 0, 0], {
    level: 'choice',
  }),
  accepted(
    '2.0 of a quoted proto',
    () => type(good2(), 'application/x-protobuf;proto="io.prometheus.write.v2.Request"'),
    [1, 0, 0],
    { level: 'choice' },
  ),
  accepted(
    '2.0 with spaces around proto',
    () => type(good2(), 'application/x-protobuf ; proto=io.prometheus.write.v2.Request'),
    [1, 0, 0],
    { level: 'choice' },
  ),

  ...[
    'application/json',
    'image/png',
    'text/plain',
    'application/x-protobuf;proto=yolo',
    'application/protobuf',
    '/',
  ].map((contentType) =>
    answered(`content type ${contentType}`, () => type(good2(), contentType), 415, { text: /Content-Type/ }),
  ),
  answered('proto in the wrong case', () => type(good2(), 'application/x-protobuf;proto=PROMETHEUS.WRITEREQUEST'), 415),
  ...['gzip', 'deflate', 'zstd', 'identity', 'snappy, gzip'].map((encoding) =>
    answered(`content encoding ${encoding}`, () => header(good2(), 'content-encoding', encoding), 415, {
      text: /Content-Encoding/,
    }),
  ),
  ...['PUT', 'PATCH', 'DELETE'].map((method) =>
    answered(`method ${method}`, () => ({ ...good1(), method }), 405, { level: 'choice' }),
  ),

  answered('1.0 with an empty body', () => ({ headers: V1_HEADERS, body: new Uint8Array() }), 400, { text: /empty/ }),
  refused('2.0 with an empty body', () => ({ headers: V2_HEADERS, body: new Uint8Array() }), [0, 0, 0], {
    text: /empty/,
  }),
  answered('1.0 whose first byte is damaged', () => damaged(good1(), 0xff), 400),
  refused('2.0 whose first byte is damaged', () => damaged(good2(), 0x30)),
  answered('1.0 that is not compressed', () => plain(V1_HEADERS), 400),
  refused('2.0 that is not compressed', () => plain(V2_HEADERS)),
  answered('1.0 cut in half', () => cut(good1()), 400),
  refused('2.0 cut in half', () => cut(good2())),
  answered('snappy of no protobuf', () => ({ headers: V1_HEADERS, body: compress(Buffer.from('no protobuf')) }), 400),
  answered('a block that claims 40 MiB', () => claiming(V1_HEADERS, 40 * 1024 * 1024), 413, { level: 'choice' }),
  { ...refused('2.0 that claims 4 GiB', () => claiming(V2_HEADERS, 0xffffffff)), status: 413, level: 'choice' },
  answered('a framed snappy stream', framed, 400),

  answered('a 2.0 body under the 1.0 type', () => ({ ...good2(), headers: V1_HEADERS }), 400, {
    level: 'choice',
    text: /v2\.Request/,
  }),
  refused('a 1.0 body under the 2.0 type', () => ({ ...good1(), headers: V2_HEADERS }), [0, 0, 0], {
    level: 'choice',
    text: /prometheus\.WriteRequest/,
  }),
  answered('a body of unknown fields alone', () => ({ headers: V1_HEADERS, body: compress(UNKNOWN_FIELD) }), 400, {
    level: 'choice',
  }),
];

function header(request: OutgoingRequest, name: string, value: string): OutgoingRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}

function type(request: OutgoingRequest, contentType: string): OutgoingRequest {
  return header(request, 'content-type', contentType);
}

function without(request: OutgoingRequest, name: string): OutgoingRequest {
  const { [name]: _, ...headers } = request.headers;
  return { ...request, headers };
}

function damaged(request: OutgoingRequest, byte: number): OutgoingRequest {
  const body = request.body.slice();
  body[0] = byte;
  return { ...request, body };
}

function cut(request: OutgoingRequest): OutgoingRequest {
  return { ...request, body: request.body.slice(0, request.body.length >> 1) };
}

function plain(headers: OutgoingRequest['headers']): OutgoingRequest {
  return { headers, body: Buffer.from('a body that nobody has compressed, and no message either') };
}

/** A length varint and four bytes of literal. */
function claiming(headers: OutgoingRequest['headers'], length: number): OutgoingRequest {
  const varint: number[] = [];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    varint.push((rest % 128) | (rest >= 128 ? 128 : 0));
    if (rest < 128) break;
  }
  return { headers, body: Uint8Array.of(...varint, 3 << 2, 1, 2, 3, 4) };
}

/** The stream identifier and an uncompressed chunk of the framing format. */
function framed(): OutgoingRequest {
  const body = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59, 1, 5, 0, 0, 0, 0, 0, 0, 1);
  return { headers: V1_HEADERS, body };
}
