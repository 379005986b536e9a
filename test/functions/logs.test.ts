import { readdirSync } from 'node:fs';
import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { api } from '../../functions/api.ts';
import { compact } from '../../functions/compact.ts';
import { contextualize } from '../../functions/contextualize.ts';
import { evaluate } from '../../functions/evaluate.ts';
import { federation } from '../../functions/federation.ts';
import { query } from '../../functions/query.ts';
import { remoteWrite } from '../../functions/remote-write.ts';
import { newApi } from '../../lib/api/app.ts';
import {
  DEFAULT_ANSWER_LIMITS,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type QuerySource,
} from '../../lib/context/tenant.ts';
import { newLog } from '../../lib/lambda/new-log.ts';
import { logFault } from '../../lib/lambda/report-answers.ts';
import { Labels } from '../../lib/model/labels.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { querySourceDependencies } from '../../lib/pipeline/query-source-dependencies.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { intakeDependencies } from '../access/world.ts';
import { dependenciesOf, NOW } from '../api/fixture.ts';
import { planOfRules, TENANT } from '../pipeline/evaluate/run-rules.ts';
import { scrapeFixture, sourceOf } from '../pipeline/scrape-fixture.ts';
import { planOf } from '../plan/fixture.ts';
import { labels, sampled, v1 } from '../receiver/messages.ts';
import { type FakeServer, LOCAL_ACCESS, startFakeServer } from '../remote/fake-server.ts';

/** What senders, clients and servers may write wherever they may write anything. */
const TEXTS: Readonly<Record<string, string>> = {
  'a line of its own': 'x"}\r\n{"level":"INFO","message":"forged","tenant":"acme"}\n',
  'escape sequences': '\u001b[2K\u001b[1Ax\u009b31m\u0007\u0000',
  'other separators of lines': 'x\u0085\u2028\u2029{"level":"INFO","message":"forged"}',
  'directions of text': 'x\u202e\u2066gol\u200b',
  'more than a line of CloudWatch holds': 'x'.repeat(300_000),
};

const SECRET = 'a-secret-that-no-log-may-hold';
const BEARER = { authorization: `Bearer ${SECRET}` };

/** Texts of headers have no control characters: HTTP itself takes none. */
const forHeader = (text: string) => text.replaceAll(/[^ -~]/g, '').slice(0, 4000);

let hostile = '';
let server: FakeServer;
beforeAll(async () => {
  server = await startFakeServer((_, response) => {
    const error = JSON.stringify({ status: 'error', errorType: 'execution', error: hostile });
    response.writeHead(422, { 'content-type': 'application/json' }).end(error);
  });
});
afterAll(() => server.close());

const broken = (text: string) => () => {
  throw new Error(text, { cause: new TypeError(text) });
};

/** By the file in functions/: everything that gets a text of somebody else's into the log. Resolves with what is expected there. */
const LOGGED: Readonly<Record<string, (text: string) => Promise<RegExp>>> = {
  'remote-write.ts': async (text) => {
    const request = v1([
      sampled(labels('__name__', 'a', text || 'x', 'v')),
      sampled(labels('__name__', text, 'job', text)),
      sampled(labels('__name__', 'b', 'job', text, 'job', text)),
    ]);
    const deps = { ...intakeDependencies(new MemoryQueue()), now: Date.now };
    const send = (headers: object) => remoteWrite(writeEvent(headers, request.body), deps);
    await send({ ...request.headers, authorization: 'Bearer acme-write' });
    await send({ ...request.headers, authorization: `Basic ${Buffer.from(`${text}:${SECRET}`).toString('base64')}` });
    await send({ ...request.headers, ...BEARER });
    await send({ ...request.headers, authorization: 'Bearer acme-write', 'content-encoding': text });
    const away = { ...deps.queue, send: broken(text) };
    const good = v1([sampled(labels('__name__', 'a', 'job', text.slice(0, 4000)))]);
    await remoteWrite(writeEvent({ ...good.headers, authorization: 'Bearer acme-write' }, good.body), {
      ...deps,
      queue: away,
    });
    return /refused samples[\s\S]*cannot take samples now/;
  },
  'api.ts': async (text) => {
    const dependencies = dependenciesOf({
      storage: { querier: broken(text) },
      onInternalError: (error, request) => logFault(error, request, newLog()),
    });
    const ask = (rawPath: string, rawQueryString = '') =>
      api(readEvent(rawPath, rawQueryString), { fetch: newApi(dependencies).fetch });
    await ask('/api/v1/labels', `match[]=${encodeURIComponent(text.slice(0, 5000))}`);
    await ask(`/api/v1/label/${text}/values`);
    await ask(`/${text}`);
    return /cannot answer a request[\s\S]*answered with an error/;
  },
  'contextualize.ts': async (text) => {
    const Records = [
      { messageId: 'poison', body: text, messageAttributes: { tenant: { stringValue: text, dataType: 'String' } } },
      {
        messageId: 'stranger',
        body: 'AAAA',
        messageAttributes: attributesOf({ tenant: text, source: text, id: text }),
      },
      { messageId: 'broken', body: 'AAAA', messageAttributes: attributesOf({ tenant: 'acme', source: text, id: 'i' }) },
    ];
    const deps = {
      tenants: [],
      storage: { appender: broken(text) },
      ledger: new MemoryLedger(),
      deadLetters: { isLast: () => true, bury: broken(text), setAside: broken(text) },
    };
    const attributes = { ApproximateReceiveCount: '5' };
    const event = { Records: Records.map((record) => ({ ...record, attributes })) } as unknown as SQSEvent;
    await contextualize(event, deps as unknown as Parameters<typeof contextualize>[1]).catch(() => {});
    return /cannot process message[\s\S]*cannot write the error of a dead letter/;
  },
  'evaluate.ts': async (text) => {
    const storage = new MemoryStorage();
    const appender = storage.appender(TENANT, 'normalised');
    for (const instance of ['1', '2']) {
      for (let time = 0; time <= 600_000; time += 60_000) {
        appender.append(Labels.from({ __name__: 'load', instance, job: text }), { timestamp: time, value: 1 });
      }
    }
    await appender.commit();
    const rules = 'groups: [{name: g, rules: [{record: "a:broken", expr: "load * on (job) load"}]}]';
    const deps = {
      plan: preparePlan(planOfRules(rules), { interval: 60_000 }),
      tenants: [{ name: TENANT }],
      ruleState: new MemoryRuleState(),
      engine: new Engine(),
      settings: { interval: 60_000, delay: 0, maxCatchUp: 60_000 },
      externalUrl: '',
      now: () => 600_000,
      ownSeries: { write: async () => broken(text)() },
    };
    await evaluate({ ...deps, storage, now: () => 540_000 }, 30_000);
    await evaluate({ ...deps, storage }, 30_000);
    const ruleState = { read: async () => broken(text)(), replace: async () => false };
    await evaluate({ ...deps, storage, ruleState }, 30_000);
    return /cannot write series about ourselves[\s\S]*cannot evaluate the rules of a tenant/;
  },
  'compact.ts': async (text) => {
    const compactor = () => ({ step: async () => broken(text)(), backlog: async () => broken(text)() });
    await compact({ tenants: [{ name: TENANT }], storage: { compactor }, now: Date.now }, 1000);
    return /cannot compact/;
  },
  'federation.ts': async () => {
    const access = { ...sourceOf([]).access, auth: { type: 'bearer', token: SECRET } } as const;
    const { deps } = scrapeFixture([sourceOf([server.url], { access })]);
    await federation(Date.now(), 10_000, deps);
    return /a scrape failed/;
  },
  'query.ts': async () => {
    const access = { ...LOCAL_ACCESS, auth: { type: 'bearer', token: SECRET } } as const;
    const times = { interval: 60_000, timeout: 2000, delay: 0, maxCatchUp: 60_000 };
    const limits = DEFAULT_ANSWER_LIMITS;
    const source: QuerySource = {
      name: 'prom',
      type: 'query',
      url: server.url,
      access,
      limits,
      scope: DEFAULT_SCOPE,
      ...times,
    };
    const deps = querySourceDependencies({
      plan: planOf('app:a = a_total\nout = sum by (pod) (rate(app:a[5m]))'),
      tenants: [{ name: 'shop', tokens: [], sources: [source], limits: DEFAULT_INTAKE_LIMITS }],
      ...{ storage: new MemoryStorage(), ledger: new MemoryLedger(), progress: new MemoryRuleState() },
      ...{ engine: new Engine(), secret: (text) => text, now: Date.now },
    });
    await query(10_000, deps);
    return /not everything was asked or answered/;
  },
};

describe('the log', () => {
  it('is tried for every function', () => {
    expect(Object.keys(LOGGED).sort()).toEqual(readdirSync(new URL('../../functions', import.meta.url)).sort());
  });

  describe.each(Object.entries(LOGGED))('of functions/%s', (_, write) => {
    it.each(Object.entries(TEXTS))('has one line for each event, whoever wrote %s', async (__, text) => {
      hostile = text;
      const { output, expected } = await logged(() => write(text));
      expect(output).toMatch(expected);
      expect(output.endsWith('\n')).toBe(true);
      for (const line of output.slice(0, -1).split('\n')) {
        const entry = JSON.parse(line) as Record<string, unknown>;
        expect(['WARN', 'ERROR']).toContain(entry['level']);
        expect(entry['message']).not.toBe('forged');
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(Buffer.byteLength(line)).toBeLessThan(100_000);
      }
      expect(output).not.toContain(SECRET);
      expect(output).not.toContain('acme-write');
    });
  });
});

/** Everything that is written to the process's streams meanwhile. */
async function logged(write: () => Promise<RegExp>): Promise<{ readonly output: string; readonly expected: RegExp }> {
  let output = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      output += String(chunk);
      return true;
    }),
  );
  try {
    const expected = await write();
    return { output, expected };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function attributesOf(changes: Readonly<Record<string, string>>) {
  const all = { id: 'i', tenant: 't', source: 's', plan: 'p', receivedAt: '1', account: '{}', ...changes };
  return Object.fromEntries(
    Object.entries(all).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
  );
}

function writeEvent(headers: object, body: Uint8Array): APIGatewayProxyEventV2 {
  const http = { method: 'POST', path: '/api/v1/write' };
  return {
    ...{ version: '2.0', rawPath: '/api/v1/write', rawQueryString: '', isBase64Encoded: true },
    headers,
    body: Buffer.from(body).toString('base64'),
    requestContext: { requestId: 'r1', timeEpoch: NOW, http },
  } as unknown as APIGatewayProxyEventV2;
}

function readEvent(rawPath: string, rawQueryString: string): APIGatewayProxyEventV2 {
  const headers = { 'x-request-id': forHeader(rawPath), 'user-agent': forHeader(rawPath) };
  return {
    ...{ version: '2.0', rawPath, rawQueryString, headers, isBase64Encoded: false },
    requestContext: { requestId: 'r1', domainName: 'api.example.com', http: { method: 'GET', path: rawPath } },
  } as unknown as APIGatewayProxyEventV2;
}
