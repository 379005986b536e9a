import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { capture, itWithCaptures } from '../captures.ts';
import { apiOf, get, NOW, type Point, storageWith } from '../fixture.ts';

const POINTS: readonly Point[] = [
  ['up{job="a",instance="i"}', NOW - 60_000, 0],
  ['up{job="a",instance="i"}', NOW - 1000, 1],
  ['up{job="b",instance="i"}', NOW, 1],
  ['future{job="a"}', NOW + 1, 1],
  ['old{job="a"}', NOW - 300_001, 1],
  ['edge{job="a"}', NOW - 300_000, 1],
  ['stale{job="a"}', NOW - 10_000, 1],
  ['stale{job="a"}', NOW - 5000, STALE_NAN],
  ['{nameless="yes"}', NOW - 5000, 1],
  ['aaa{job="b"}', NOW - 5000, Number.NaN],
];

describe('federate', () => {
  it('gives the last sample of every series within the lookback, sorted by name', async () => {
    expect(await page('{job=~".+"}')).toBe(
      [
        `# TYPE aaa untyped\naaa{job="b",instance=""} NaN ${NOW - 5000}`,
        `# TYPE edge untyped\nedge{job="a",instance=""} 1 ${NOW - 300_000}`,
        `# TYPE up untyped\nup{instance="i",job="a"} 1 ${NOW - 1000}\nup{instance="i",job="b"} 1 ${NOW}\n`,
      ].join('\n'),
    );
  });

  it('gives each series once, however many selectors find it', async () => {
    const both = await page('up', '{job="a",instance="i"}', 'up{job="b"}');
    expect(both.match(/^up\{/gm)).toHaveLength(2);
  });

  it.each([['{nameless="yes"}'], ['stale'], ['future'], ['old'], ['nothing']])('has nothing for %s', async (match) => {
    expect(await page(match)).toBe('');
  });

  it('may be asked for everything', async () => {
    expect((await page('{}')).match(/^# TYPE/gm)).toHaveLength(3);
  });

  itWithCaptures('answers a page without match[] as Prometheus', async () => {
    const response = await federate('');
    expect([response.status, await response.text()]).toEqual([200, capture('2.42', 'federate_nomatch').text]);
  });

  itWithCaptures('answers a bad selector as Prometheus, wherever it stands', async () => {
    const expected = capture('2.42', 'federate_badmatch');
    for (const matches of ['match[]=up%20-', 'match[]=up&match[]=up%20-']) {
      const response = await federate(`?${matches}`);
      expect(response.status).toBe(expected.status);
      expect(await response.text()).toBe(expected.text);
      expect(response.headers.get('content-type')).toBe(expected.headers.get('content-type'));
    }
  });

  itWithCaptures('names the content type as Prometheus, also when asked for OpenMetrics', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    const response = await federate('?match[]=up', { accept });
    expect(response.headers.get('content-type')).toBe(
      capture('3.5', 'federate_openmetrics').headers.get('content-type'),
    );
  });

  itWithCaptures('has UTF-8 names as the scraper asks', async () => {
    const { headers } = capture('3.5', 'federate_utf8_text100');
    const response = await federate('?match[]=up', { accept: 'text/plain;version=1.0.0;escaping=allow-utf-8' });
    expect(response.headers.get('content-type')).toBe(headers.get('content-type'));
  });
});

async function federate(search: string, headers: Record<string, string> = {}): Promise<Response> {
  return apiOf({ storage: await storageWith(POINTS) }).fetch(get(`/federate${search}`, headers));
}

async function page(...matches: string[]): Promise<string> {
  const search = new URLSearchParams(matches.map((match): [string, string] => ['match[]', match]));
  return (await federate(`?${search}`)).text();
}
