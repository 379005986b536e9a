import { afterEach, describe, expect, it } from 'vitest';
import { fetchMetadata } from '../../lib/remote/metadata.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import { type FakeServer, LOCAL_ACCESS, startFakeServer, testSecret } from './fake-server.ts';

const OPTIONS = { timeout: 2000, maxBytes: 10_000 };
let server: FakeServer | undefined;
afterEach(() => server?.close());

async function answerWith(body: string, status = 200) {
  server = await startFakeServer((_, response) =>
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end(body),
  );
  return newRemoteClient({ url: server.url, access: LOCAL_ACCESS, secret: testSecret });
}

describe('fetchMetadata', () => {
  it('takes the first of each family, and leaves out what is none', async () => {
    const data = {
      up: [{ type: 'gauge', help: 'Whether.', unit: '' }, { type: 'counter' }],
      a_total: [{ type: 'counter' }],
      odd: [{ type: 'lamp', help: 7, unit: 'W' }],
      none: [],
      broken: 'x',
      empty: [null],
    };
    expect(await fetchMetadata(await answerWith(JSON.stringify({ status: 'success', data })), OPTIONS)).toEqual([
      { metricFamilyName: 'up', type: 'gauge', help: 'Whether.', unit: '' },
      { metricFamilyName: 'a_total', type: 'counter', help: '', unit: '' },
      { metricFamilyName: 'odd', type: 'unknown', help: '', unit: 'W' },
    ]);
    expect(server?.seen[0]?.url.pathname).toBe('/api/v1/metadata');
  });

  it.each(['', '[]', 'null', '{"status":"error"}', '{"status":"success","data":[1]}', '<html>'])(
    'refuses %j',
    async (body) => {
      await expect(fetchMetadata(await answerWith(body), OPTIONS)).rejects.toMatchObject({ reason: 'bad_response' });
    },
  );
});
