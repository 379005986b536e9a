import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeServer, startFakeServer } from '../remote/fake-server.ts';
import { runCommand, writeConfiguration } from './setup-fixture.ts';

let server: FakeServer;
let config: string;

beforeAll(async () => {
  server = await startFakeServer(({ url, body }, response) => {
    const query = new URLSearchParams(body.toString()).get('query') ?? '';
    if (query === 'sum(') {
      const error = { status: 'error', errorType: 'bad_data', error: 'unclosed left parenthesis' };
      response.writeHead(400).end(JSON.stringify(error));
    } else if (query === '1') {
      response.end('{"status":"success","data":{"resultType":"scalar","result":[60,"1"]}}');
    } else if (url.pathname.endsWith('query_range')) {
      const result = [
        {
          metric: { job: 'a' },
          values: [
            [60, '1'],
            [120, 'NaN'],
          ],
        },
      ];
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
    } else {
      const result = [
        { metric: { __name__: 'up', job: 'a' }, value: [60, '1'] },
        { metric: { __name__: 'up', job: 'long' }, value: [60, '+Inf'] },
      ];
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, warnings: ['slow'] }));
    }
  });
  config = writeConfiguration(`
  - name: bank
    tokens: []
    sources:
      - name: ask
        type: query
        url: ${server.url}
        allow_networks: [loopback]
        auth: {type: bearer, token: '\${env:TOKEN}'}
  - name: shop
    tokens: []
    sources: [{name: fed, type: federation, servers: [https://example.com]}]
`);
});

afterAll(() => server.close());

const query = (...args: string[]) => runCommand(['query', ...args, '-c', config], { TOKEN: 's3cret' });

describe('tributary query', () => {
  it('prints what the HTTP API would answer, with the credentials of the source', async () => {
    const { code, out, err } = await query('ask', 'up', '--time', '1970-01-01T00:01:00Z');
    expect([code, err]).toEqual([0, 'slow\n']);
    expect(JSON.parse(out)).toEqual({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [
          { metric: { __name__: 'up', job: 'a' }, value: [60, '1'] },
          { metric: { __name__: 'up', job: 'long' }, value: [60, '+Inf'] },
        ],
      },
      warnings: ['slow'],
    });
    const seen = server.seen.at(-1);
    expect(seen?.headers.authorization).toBe('Bearer s3cret');
    expect(new URLSearchParams(seen?.body.toString()).get('time')).toBe('60.000');
  });

  it('prints tables for people', async () => {
    expect((await query('ask', 'up', '--format', 'table')).out).toBe(
      'up{job="a"}     1\nup{job="long"}  +Inf\n\n2 series @ 1970-01-01T00:01:00.000Z\n',
    );
    expect((await query('ask', 'x', '--start', '60', '--end', '120', '--step', '1m', '--format', 'table')).out).toBe(
      '{job="a"}\n  1970-01-01T00:01:00.000Z  1\n  1970-01-01T00:02:00.000Z  NaN\n',
    );
    expect((await query('ask', '1', '--format', 'table')).out).toBe('1 @ 1970-01-01T00:01:00.000Z\n');
  });

  it.each([
    [['ask', 'sum('], /source ask: .* answers 400 bad_data: unclosed left parenthesis/],
    [['fed', 'up'], /source fed is of type federation; only query sources can be asked/],
    [['nothing', 'up'], /there is no source "nothing"/],
    [['ask', 'up', '--end', '5'], /--end and --step need a --start/],
    [['ask', 'up', '--start', '5', '--time', '6'], /--time is for one time/],
    [['ask', 'up', '--time', 'yesterday'], /Invalid time value for 'time'/],
    [['ask', 'up', '--start', '10', '--end', '5'], /end timestamp must not be before start time/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, out, err } = await query(...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
  });

  it('names the reference that leads nowhere', async () => {
    const { code, err } = await runCommand(['query', 'ask', 'up', '-c', config]);
    expect(code).toBe(1);
    expect(err).toMatch(/cannot read \$\{env:TOKEN\}: the variable is not set/);
  });
});
