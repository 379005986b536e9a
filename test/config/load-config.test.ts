import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/load-config.ts';
import { DEFAULT_CARDINALITY_LIMITS, DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE } from '../../lib/context/tenant.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-config-'));
const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

function fileOf(text: string): string {
  const file = join(folder, 'tributary.yml');
  writeFileSync(file, text);
  return file;
}

function mistakes(text: string, environment = {}): string[] {
  try {
    loadConfig(fileOf(text), { environment });
    return [];
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '').split('\n');
  }
}

const MINIMAL = `packs: []
tenants:
  - name: demo
    tokens: [{name: w, sha256: ${HASH}, scopes: [write]}]
    sources: [{name: prom, type: remote_write, tokens: [w]}]
`;

describe('loadConfig', () => {
  it('knows when rules are evaluated, and refuses times that no evaluator could keep', () => {
    const evaluation = (text: string) => `evaluation: {${text}}\n${MINIMAL}`;
    expect(loadConfig(fileOf(MINIMAL)).evaluation).toEqual({ interval: 60_000, delay: 60_000, maxCatchUp: 3600_000 });
    expect(loadConfig(fileOf(evaluation('interval: 30s, delay: 0s, max_catch_up: 2h'))).evaluation).toEqual({
      interval: 30_000,
      delay: 0,
      maxCatchUp: 7200_000,
    });
    expect(mistakes(evaluation('interval: 10ms'))).toEqual([
      'tributary.yml:1: evaluation.interval: must be at least 1s',
    ]);
    expect(mistakes(evaluation('max_catch_up: 30s'))).toEqual([
      'tributary.yml:1: evaluation.max_catch_up: must not be less than interval',
    ]);
    expect(loadConfig(fileOf(evaluation('widest_window: 20m'))).evaluation.widestWindow).toBe(20 * 60_000);
    expect(mistakes(evaluation('widest_window: 1m'))).toEqual([
      'tributary.yml:1: evaluation.widest_window: must not be less than 5m',
    ]);
    expect(mistakes(evaluation('delay: soon'))).toEqual([
      'tributary.yml:1: evaluation.delay: must be a duration such as 30s or 5m',
    ]);
  });

  it('fills in every default', () => {
    const config = loadConfig(fileOf(MINIMAL));
    expect(config).toMatchObject({
      packs: [],
      rules: [],
      retention: { normalised: { days: 2 }, derived: { days: 400 } },
      warnings: [],
    });
    expect(config.tenants).toEqual([
      {
        name: 'demo',
        tokens: [{ name: 'w', sha256: HASH, scopes: ['write'] }],
        sources: [{ name: 'prom', type: 'remote_write', tokens: ['w'], scope: DEFAULT_SCOPE }],
        limits: DEFAULT_INTAKE_LIMITS,
        cardinality: DEFAULT_CARDINALITY_LIMITS,
      },
    ]);
  });

  it('reads how much of what varies a tenant may have', () => {
    const limits = '    limits: {max_request_contexts_per_service: 20, max_members_per_metric: 5000}\n';
    expect(loadConfig(fileOf(MINIMAL + limits)).tenants[0]?.cardinality).toEqual({
      maxRequestContextsPerService: 20,
      maxMembersPerMetric: 5000,
    });
    expect(mistakes(`${MINIMAL}    limits: {max_members_per_metric: 0}\n`)).toEqual([
      'tributary.yml:6: tenants[0].limits.max_members_per_metric: must be more than 0',
    ]);
  });

  it('gives every source a scope object of its own', () => {
    const text = MINIMAL.replace(
      'tokens: [w]}]',
      'tokens: [w]}, {name: two, type: remote_write, tokens: [x]}]',
    ).replace('scopes: [write]}]', `scopes: [write]}, {name: x, sha256: ${OTHER}, scopes: [write]}]`);
    const [one, two] = loadConfig(fileOf(text)).tenants[0]?.sources ?? [];
    expect(one?.scope).toEqual(two?.scope);
    expect(one?.scope).not.toBe(two?.scope);
  });

  it('reads everything', () => {
    const config = loadConfig(
      fileOf(`packs: [http]
rules: [own]
retention: {normalised: 7, derived: 30}
tenants:
  - name: demo
    tokens: [{name: w, sha256: ${HASH.toUpperCase()}, scopes: [write, admin]}]
    sources:
      - {name: prom, type: remote_write, tokens: [w], scope: {env: {labels: [stage], default: dev}, site: {labels: []}}}
    limits: {max_labels_per_series: 10, max_label_name_length: 20, max_label_value_length: 30, max_sample_age: 1h, max_sample_ahead: 5m}
`),
    );
    expect(config).toMatchObject({
      packs: ['http'],
      rules: ['own'],
      retention: { normalised: { days: 7 }, derived: { days: 30 } },
    });
    expect(config.tenants[0]).toMatchObject({
      tokens: [{ sha256: HASH, scopes: ['write', 'admin'] }],
      sources: [{ scope: { env: { labels: ['stage'], default: 'dev' }, site: { labels: [] } } }],
      limits: {
        maxLabelsPerSeries: 10,
        maxLabelNameLength: 20,
        maxLabelValueLength: 30,
        maxSampleAgeMs: 3600_000,
        maxSampleAheadMs: 300_000,
      },
    });
  });

  it('reads the environment where the file says so', () => {
    const text = MINIMAL.replace(HASH, '"${env:WRITE_HASH}"');
    expect(loadConfig(fileOf(text), { environment: { WRITE_HASH: OTHER } }).tenants[0]?.tokens[0]?.sha256).toBe(OTHER);
    expect(mistakes(text)).toEqual([
      'tributary.yml:4: tenants[0].tokens[0].sha256: the environment variable WRITE_HASH is not set; set it, or write ${env:WRITE_HASH, fallback}',
      expect.stringMatching(/sha256: must be the SHA-256 of the token in 64 hex digits/),
    ]);
    expect(mistakes(MINIMAL.replace('demo', '"${ssm:x}"'))[0]).toMatch(
      /^tributary\.yml:3: tenants\[0\]\.name: \$\{ssm:x\} is not a reference that is known/,
    );
  });

  it('closes a door whose hash is not known, and says so', () => {
    const config = loadConfig(fileOf(MINIMAL.replace(HASH, '"${env:WRITE_HASH, closed}"')), {
      environment: { WRITE_HASH: '' },
    });
    expect(config.tenants[0]?.tokens).toEqual([]);
    expect(config.warnings).toMatchObject([
      {
        line: 4,
        key: 'tenants[0].tokens[0].sha256',
        message: expect.stringMatching(/^token w of tenant demo is closed: nobody can use it/),
      },
    ]);
  });
});

describe('mistakes in a configuration', () => {
  it.each([
    [
      'token instead of its hash',
      MINIMAL.replace(HASH, 'secret'),
      /^tributary\.yml:4: tenants\[0\]\.tokens\[0\]\.sha256: must be the SHA-256.*never the token itself; `tributary token create/,
    ],
    [
      'source without its token',
      MINIMAL.replace('tokens: [w]}', 'tokens: [v]}'),
      /^tributary\.yml:5: tenants\[0\]\.sources\[0\]\.tokens\[0\]: no token of this tenant is called v/,
    ],
    [
      'token that may not write',
      MINIMAL.replace('[write]', '[read]'),
      /token w may not write; add write to its scopes$/,
    ],
    [
      'token without a source',
      MINIMAL.replace(/sources: .*/, 'sources: []'),
      /tokens\[0\]\.name: token w may write but belongs to no source/,
    ],
    [
      'source type',
      MINIMAL.replace('remote_write', 'scrape'),
      /sources\[0\]\.type: must be remote_write, federation or query$/,
    ],
    ['scope of a token', MINIMAL.replace('[write]', '[root]'), /scopes\[0\]: must be one of write, read, admin$/],
    ['name', MINIMAL.replace('demo', 'De mo'), /^tributary\.yml:3: tenants\[0\]\.name: must begin with a letter/],
    [
      'retention',
      `${MINIMAL}retention: {derived: 0}\n`,
      /^tributary\.yml:6: retention\.derived: must be at least 1 day$/,
    ],
    [
      'windows that do not outlive samples',
      `${MINIMAL}retention: {derived: {days: 90, downsampled: {1h: 30}}}\n`,
      /^tributary\.yml:6: retention\.derived: must not keep windows of 1h for 30 days, less than the 90 of what is finer$/,
    ],
    [
      'windows of another length',
      `${MINIMAL}retention: {derived: {downsampled: {2h: 30}}}\n`,
      /^tributary\.yml:6: retention\.derived\.downsampled\.2h: is not a key that is known here; .* 5m, 1h$/,
    ],
    [
      'a map of days that is none',
      `${MINIMAL}retention: {derived: {downsampled: 3}}\n`,
      /^tributary\.yml:6: retention\.derived: downsampled: must be a map with the keys 5m, 1h$/,
    ],
    [
      'samples that the store would refuse',
      `${MINIMAL}    limits: {max_sample_ahead: 25h}\n`,
      /^tributary\.yml:6: tenants\[0\]\.limits\.max_sample_ahead: must be at most 24h, the furthest that is ever read$/,
    ],
    [
      'duration',
      `${MINIMAL}    limits: {max_sample_age: 1 day}\n`,
      /^tributary\.yml:6: tenants\[0\]\.limits\.max_sample_age: must be a duration/,
    ],
    [
      'unknown key',
      `${MINIMAL}pack: x\n`,
      /^tributary\.yml:6: pack: is not a key that is known here; remove it or use one of packs, rules/,
    ],
    ['no tenants', 'packs: []\ntenants: []', /^tributary\.yml:2: tenants: is empty/],
    ['empty file', '', /must be a map with the keys packs/],
    ['no YAML', 'packs: [', /this is not YAML/],
  ])('%s', (_, text, expected) => {
    expect(mistakes(text)[0]).toMatch(expected);
  });

  it('are told all at once', () => {
    expect(
      mistakes('packs: 1\nrules: 2\nretention: {derived: x}\ntenants: [{name: A, tokens: [], sources: []}]'),
    ).toHaveLength(4);
  });

  it('include one secret for two tenants, names twice, and a token in two sources', () => {
    const second = MINIMAL.slice(MINIMAL.indexOf('  - name'));
    expect(mistakes(MINIMAL + second)).toEqual([
      'tributary.yml:6: tenants[1].name: tenant demo stands here twice; rename or remove one',
      'tributary.yml:7: tenants[1].tokens[0].sha256: is the hash of demo/w too; every token needs a secret of its own',
    ]);
    expect(
      mistakes(MINIMAL.replace('tokens: [w]}]', 'tokens: [w]}, {name: prom, type: remote_write, tokens: [w]}]')),
    ).toEqual([
      expect.stringMatching(/sources\[1\]\.name: source prom stands here twice/),
      expect.stringMatching(/sources\[1\]\.tokens\[0\]: writing token w stands here twice/),
    ]);
  });
});
