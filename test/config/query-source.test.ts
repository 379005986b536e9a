import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/load-config.ts';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_SCOPE } from '../../lib/context/tenant.ts';

const file = join(mkdtempSync(join(tmpdir(), 'tributary-query-config-')), 'tributary.yml');

function load(source: string, before = '', others = '') {
  const text = `${before}packs: []
tenants:
  - name: demo
    tokens: [{name: w, sha256: ${'a'.repeat(64)}, scopes: [${others === '' ? 'read' : 'write'}]}]
    sources:
      - {name: prom, type: query, ${source}}
${others}`;
  writeFileSync(file, text);
  return loadConfig(file);
}

function mistakes(...args: Parameters<typeof load>): string {
  try {
    load(...args);
    return '';
  } catch (error) {
    return (error as Error).message.replaceAll(file, 'tributary.yml');
  }
}

describe('a query source', () => {
  it('has a default for everything but its URL', () => {
    expect(load('url: "https://p.example/prom/"').tenants[0]?.sources).toEqual([
      {
        name: 'prom',
        type: 'query',
        url: 'https://p.example/prom',
        interval: 60_000,
        timeout: 10_000,
        delay: 30_000,
        maxCatchUp: 3600_000,
        access: { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: [] },
        limits: DEFAULT_ANSWER_LIMITS,
        scope: DEFAULT_SCOPE,
      },
    ]);
    const [source] =
      load('url: "http://p", interval: 5m, timeout: 20s, delay: 0s, max_catch_up: 2h, limits: {max_samples: 7}')
        .tenants[0]?.sources ?? [];
    expect(source).toMatchObject({ interval: 300_000, timeout: 20_000, delay: 0, maxCatchUp: 7200_000 });
    expect(source).toMatchObject({ limits: { ...DEFAULT_ANSWER_LIMITS, maxSamples: 7 } });
  });

  it.each([
    ['interval: 1m', /^tributary\.yml:6: tenants\[0\]\.sources\[0\]\.url: is missing/],
    ['url: prometheus', /sources\[0\]\.url: "prometheus" is not a URL/],
    ['url: "https://u:p@h"', /\.url: must not hold credentials; use auth/],
    ['url: "https://h", interval: 10ms', /\.interval: must be at least 1s/],
    ['url: "https://h", timeout: 1m', /\.timeout: must be more than 0s and at most 30s/],
    ['url: "https://h", max_catch_up: 1s', /\.max_catch_up: must not be less than interval/],
    ['url: "https://h", servers: []', /servers/],
    ['url: "https://h", auth: {type: bearer, token: secret}', /auth\.token: must be a reference/],
  ])('is refused with %s', (source, text) => {
    expect(mistakes(source)).toMatch(text);
  });

  it('needs a tenant without other types of sources', () => {
    const other = '      - {name: sent, type: remote_write, tokens: [w]}\n';
    expect(mistakes('url: "https://h"', '', other)).toBe(
      'tributary.yml:6: tenants[0].sources[0].type: source prom is of type query and sent is not; give the two different tenants',
    );
  });

  it('is warned of credentials in clear text, and of what the server cannot add up', () => {
    const warnings = load('url: "http://h", delay: 1m, auth: {type: bearer, token: "${env:T}"}').warnings;
    expect(warnings.map(({ key, message }) => `${key}: ${message}`)).toEqual([
      expect.stringMatching(/\.url: credentials travel to http:\/\/h in clear text/),
    ]);
    expect(load('url: "https://h"').warnings).toEqual([]);
    const wide = load('url: "https://h"', 'evaluation: {widest_window: 20m}\n').warnings;
    expect(wide.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^with evaluation\.widest_window the server cannot add up by itself/),
    ]);
  });
});
