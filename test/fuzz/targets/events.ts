import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda';
import { newApi } from '../../../lib/api/app.ts';
import { answerEvent } from '../../../lib/lambda/http-event.ts';
import { intakeRequestOf, intakeResultOf } from '../../../lib/lambda/intake-event.ts';
import { batchOf, batchResponse } from '../../../lib/lambda/sqs-event.ts';
import { Firewall } from '../../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../../lib/pipeline/contextualize.ts';
import { Elections } from '../../../lib/pipeline/elections.ts';
import { receive } from '../../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../../lib/pipeline/series-memories.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import { encodeWriteRequest } from '../../../lib/prompb/encode-write-request.ts';
import { MemoryLedger } from '../../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { compress } from '../../../lib/wire/snappy.ts';
import { dependenciesOf, NOW, storageWith } from '../../api/fixture.ts';
import { labels, series, V1, V1_HEADERS, V2, V2_HEADERS } from '../../receiver/messages.ts';
import { CREDENTIALS, TEST_TENANTS } from '../../receiver/test-tenants.ts';
import { type FuzzTarget, readCorpus } from '../fuzz-target.ts';
import { limitedEngine } from '../promql.ts';

const HTTP = [
  ...[
    'GET ',
    'POST ',
    'PUT ',
    'TRACE ',
    'get ',
    '/api/v1/',
    '/api/v1/query',
    '/api/v1/labels',
    '//',
    '/..',
    '/%2e%2e/',
  ],
  ...['/api/v1/label/', '/values', '/federate', '/-/ready', '?', '&', '=', '#', '%', '%zz', '%00', '%0d%0a', ';', '+'],
  ...['match[]=', 'query=up', 'start=', 'end=', 'step=1ms', 'time=', 'limit=', 'window=1h', '1e18', '-1', '1795347944'],
  ...[
    'authorization: Basic ',
    'authorization: Bearer acme-read',
    'Authorization: ',
    'YWNtZTphY21lLXJlYWQ=',
    'accept: ',
  ],
  ...[
    'content-type: application/x-www-form-urlencoded',
    'content-encoding: gzip',
    'x-many: a,b',
    'cookie: ',
    ': ',
    '\n\n',
  ],
];

/** What API Gateway and SQS hand over: written by clients, in the shape of AWS. */
export const EVENT_TARGETS: readonly FuzzTarget[] = [apiEvents(), writeEvents(), queueEvents()];

function apiEvents(): FuzzTarget {
  const faults: unknown[] = [];
  const api = storageWith([
    ['up{job="a"}', NOW - 1000, 1],
    ['up{job="é"}', NOW - 61_000, 0],
  ]).then((storage) =>
    newApi({
      ...dependenciesOf({ storage, engine: limitedEngine(), requestTimeoutMs: 900 }),
      onInternalError: (error) => faults.push(error),
    }),
  );
  return {
    name: 'API Gateway events',
    corpus: readCorpus('requests'),
    words: HTTP,
    refusals: [],
    run: async (input) => {
      const { statusCode } = await answerEvent(eventOf(input), (await api).fetch);
      const fault = faults.pop();
      if (fault !== undefined) throw fault;
      if (statusCode === undefined || statusCode === 500) throw new Error(`answered ${statusCode}`);
    },
  };
}

function writeEvents(): FuzzTarget {
  const dependencies = {
    tenants: TEST_TENANTS,
    selects: () => true,
    planVersion: 'fuzz',
    memories: new SeriesMemories(),
    queue: { send: async () => {} },
    now: () => NOW,
  };
  const sent = [V1, V2].map((protocol) => {
    const { ...headers } = protocol === V1 ? V1_HEADERS : V2_HEADERS;
    const head = Object.entries({ ...headers, authorization: `Bearer ${CREDENTIALS.password}` });
    const lines = ['POST /api/v1/write', ...head.map(([name, value]) => `${name}: ${value}`)].join('\n');
    return Uint8Array.from(Buffer.concat([Buffer.from(`${lines}\n\n`), writeBody(protocol)]));
  });
  return {
    name: 'remote-write events',
    corpus: sent,
    words: [...HTTP, 'snappy', 'x-prometheus-remote-write-version: 2.0.0', ';proto=io.prometheus.write.v2.Request'],
    refusals: [],
    run: async (input) => {
      const { statusCode } = intakeResultOf(await receive(intakeRequestOf(eventOf(input)), dependencies), 'r1');
      if (statusCode === undefined || statusCode >= 500) throw new Error(`answered ${statusCode}`);
    },
  };
}

function queueEvents(): FuzzTarget {
  const registers = new MemoryRegisters();
  const dependencies = {
    contextualizer: new Contextualizer({ relabelConfigs: [], mappings: [] }),
    tenants: TEST_TENANTS,
    ledger: {
      record: (tenant: string, entries: Parameters<MemoryLedger['record']>[1]) =>
        new MemoryLedger().record(tenant, entries),
    },
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: 86_400_000, now: () => NOW }),
  };
  const retention = { normalised: { days: 2 }, derived: { days: 2 } };
  const [head = new Uint8Array()] = readCorpus('records');
  const body = Buffer.from(writeBody(V2)).toString('base64');
  return {
    name: 'SQS events',
    corpus: [Uint8Array.from(Buffer.concat([head, Buffer.from(body)]))],
    words: [
      'tenant: ',
      'source: main',
      'receivedAt: ',
      'account: {}',
      'account: {"tally":',
      '=',
      '==',
      '\n',
      'AAAA',
      ': ',
    ],
    refusals: [],
    run: async (input) => {
      const good = recordOf(Buffer.concat([head, Buffer.from(body)]), 'good');
      const { messages, poison, messageIdOf } = batchOf({ Records: [good, recordOf(input, 'fuzzed')] } as SQSEvent);
      const storage = new MemoryStorage({ retention, now: () => NOW });
      const failures = await contextualizeMessages(messages, { ...dependencies, storage });
      const failed = [
        ...poison.map(({ messageId }) => messageId),
        ...failures.map(({ message }) => messageIdOf(message)),
      ];
      if (batchResponse(failed).batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === 'good')) {
        throw new Error(`a good message failed beside a bad one: ${failures.map(({ error }) => error.stack)}`);
      }
    },
  };
}

/** The first line is method, path and query; headers follow; behind an empty line stands the body. */
function eventOf(input: Uint8Array): APIGatewayProxyEventV2 {
  const { lines, body } = messageOf(input);
  const [, method = 'GET', path = '/', query = ''] = /^(\w+) ([^?]*)\??(.*)$/s.exec(lines[0] ?? '') ?? [];
  const headers = Object.fromEntries(lines.slice(1).map(fieldOf));
  const isText = headers['content-type']?.includes('form') ?? false;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers,
    requestContext: { http: { method, path }, requestId: 'fuzz', timeEpoch: NOW, domainName: 'fuzz.example' },
    body: Buffer.from(body).toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  } as unknown as APIGatewayProxyEventV2;
}

function recordOf(input: Uint8Array, messageId: string): SQSEvent['Records'][number] {
  const { lines, body } = messageOf(input);
  const attributes = lines.map(fieldOf).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]);
  return {
    messageId,
    body: Buffer.from(body).toString('utf8'),
    messageAttributes: Object.fromEntries(attributes),
  } as unknown as SQSEvent['Records'][number];
}

function messageOf(input: Uint8Array): { lines: string[]; body: Uint8Array } {
  const end = Buffer.from(input).indexOf('\n\n');
  const head = Buffer.from(end < 0 ? input : input.subarray(0, end)).toString('utf8');
  return { lines: head.split('\n'), body: end < 0 ? new Uint8Array() : input.subarray(end + 2) };
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(': ');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 2)];
}

function writeBody(protocol: typeof V1): Uint8Array {
  const timeseries = ['a', 'b'].map((value) =>
    series(labels('__name__', 'fuzz_total', 'job', value), { samples: [{ timestamp: NOW, value: 1 }] }),
  );
  return compress(encodeWriteRequest({ timeseries, metadata: [] }, protocol));
}
