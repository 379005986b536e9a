import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../lib/api/app.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { apiOf, NOW, storageWith } from './fixture.ts';

const PROMTOOL = '/usr/bin/promtool';

/** Prometheus's own client reads our answers with Prometheus's own decoder. */
describe('promtool', () => {
  if (!existsSync(PROMTOOL)) {
    console.warn(`skipped: there is no promtool at ${PROMTOOL} (Debian package prometheus)`);
    it.skip(`needs ${PROMTOOL}`, () => {});
    return;
  }

  let server: Server;
  let url: string;

  beforeAll(async () => {
    const storage = await storageWith([
      ['up{job="api",path="/a\\"b"}', NOW - 60_000, 1],
      ['up{job="api",path="/a\\"b"}', NOW, 1],
      ['up{job="web"}', NOW, 0.1],
    ]);
    server = serve(apiOf({ storage, engine: new Engine({}) }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => void server?.close());

  const time = NOW / 1000;

  it('query instant', async () => {
    expect(await promtool('instant', `--time=${time}`, url, 'up')).toBe(
      `up{job="api", path="/a\\"b"} => 1 @[${time}]\nup{job="web"} => 0.1 @[${time}]\n`,
    );
  });

  it('query range', async () => {
    const range = [`--start=${time - 60}`, `--end=${time}`, '--step=60s'];
    expect(await promtool('range', ...range, url, 'sum(up)')).toBe(`{} =>\n1 @[${time - 60}]\n1.1 @[${time}]\n`);
  });

  it('query series', async () => {
    const lines = await promtool('series', '--match=up', `--start=${time - 60}`, `--end=${time}`, url);
    expect(lines).toBe('{__name__="up", job="api", path="/a\\"b"}\n{__name__="up", job="web"}\n');
  });

  it('query series and labels over all time, whose bounds fit no calendar', async () => {
    expect(await promtool('series', '--match=up{job="web"}', url)).toBe('{__name__="up", job="web"}\n');
    expect(await promtool('labels', url, 'job')).toBe('api\nweb\n');
  });

  it('tells of an error with our text', async () => {
    await expect(promtool('instant', url, 'sum((')).rejects.toThrow(/unclosed left parenthesis/);
  });
});

async function promtool(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(PROMTOOL, ['query', ...args], { timeout: 20_000 });
  return stdout;
}

/** Just enough of a server for a client that speaks HTTP/1.1. */
function serve(api: Api): Server {
  return createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const method = incoming.method ?? 'GET';
    const response = await api.fetch(
      new Request(`http://${incoming.headers.host}${incoming.url}`, { method, headers, ...body }),
    );
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
}
