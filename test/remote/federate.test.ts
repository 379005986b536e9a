import { afterEach, describe, expect, it } from 'vitest';
import { federate } from '../../lib/remote/federate.ts';
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

describe('federate', () => {
  it('asks for text with UTF-8 names and hands the page on', async () => {
    const page = await federate(await answerWith('up 1\n'), ['{a="b"}', '{c="d"}'], OPTIONS);
    expect([page.contentType, String(page.body)]).toEqual(['text/plain; version=0.0.4', 'up 1\n']);
    expect(server?.seen[0]?.url.searchParams.getAll('match[]')).toEqual(['{a="b"}', '{c="d"}']);
    expect(server?.seen[0]?.headers.accept).toMatch(/^text\/plain;version=1\.0\.0;escaping=allow-utf-8/);
  });

  it('asks for protobuf first where native histograms are wanted', async () => {
    await federate(await answerWith(''), ['up'], { ...OPTIONS, withHistograms: true });
    expect(server?.seen[0]?.headers.accept).toMatch(
      /^application\/vnd\.google\.protobuf;proto=io\.prometheus\.client\.MetricFamily;encoding=delimited;escaping=allow-utf-8,text/,
    );
  });

  it.each([
    [401, 'unauthorized', /answers 401 "no"$/],
    [403, 'unauthorized', /answers 403/],
    [404, 'http_status', /\/federate answers 404 "no"$/],
    [204, 'http_status', /answers 204/],
    [503, 'http_status', /answers 503/],
  ])('fails with %d', async (status, reason, message) => {
    await expect(federate(await answerWith('no\nmore', status), ['{a="b"}'], OPTIONS)).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(message),
    });
  });
});
