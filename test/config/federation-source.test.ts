import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { loadConfig } from '../../lib/config/load-config.ts';
import { DEFAULT_PAGE_LIMITS, DEFAULT_SCOPE } from '../../lib/context/tenant.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-federation-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A configuration whose only source has these keys beside its name and type. */
function load(keys: string, environment = {}): Config {
  const file = join(folder, 'tributary.yml');
  writeFileSync(
    file,
    `packs: []
tenants:
  - name: demo
    tokens: []
    sources:
      - name: fed
        type: federation
${keys.replace(/^/gm, '        ')}
`,
  );
  return loadConfig(file, { environment });
}

function mistakes(keys: string): string[] {
  try {
    load(keys);
    return [];
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '').split('\n');
  }
}

describe('a federation source', () => {
  it('needs servers and nothing else', () => {
    const { tenants, warnings } = load('servers: [https://prometheus.example.com/]');
    expect(tenants[0]?.sources).toEqual([
      {
        name: 'fed',
        type: 'federation',
        servers: ['https://prometheus.example.com'],
        interval: 60_000,
        timeout: 10_000,
        honorLabels: true,
        access: { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: [] },
        limits: DEFAULT_PAGE_LIMITS,
        scope: DEFAULT_SCOPE,
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it('takes everything', () => {
    const { tenants } = load(`servers: [https://a, 'https://b:9090/prefix']
interval: 2m
timeout: 30s
honor_labels: false
headers: {X-Scope-OrgID: team, X-Key: 'k \${env:KEY}'}
tls: {ca: '\${file:/ca.pem}', cert: '\${env:CERT}', key: '\${env:KEY}', server_name: prometheus}
allow_networks: [private, loopback]
limits: {max_body_bytes: 1000, max_samples: 10, max_labels_per_series: 5}
scope: {env: {labels: [stage], default: dev}}`);
    expect(tenants[0]?.sources[0]).toMatchObject({
      servers: ['https://a', 'https://b:9090/prefix'],
      interval: 120_000,
      timeout: 30_000,
      honorLabels: false,
      access: {
        headers: { 'X-Scope-OrgID': 'team', 'X-Key': 'k ${env:KEY}' },
        tls: { ca: '${file:/ca.pem}', cert: '${env:CERT}', key: '${env:KEY}', serverName: 'prometheus' },
        allowNetworks: ['private', 'loopback'],
      },
      limits: { maxBodyBytes: 1000, maxSamples: 10, maxLabelsPerSeries: 5 },
      scope: { env: { labels: ['stage'], default: 'dev' } },
    });
  });

  it.each([
    ['{type: basic, username: u, password: "${env:P}"}', { type: 'basic', username: 'u', password: '${env:P}' }],
    [
      '{type: basic, username: "${env:U}", password: "${env:P}"}',
      { type: 'basic', username: 'me', password: '${env:P}' },
    ],
    ['{type: bearer, token: "${file:/t}"}', { type: 'bearer', token: '${file:/t}' }],
    [
      '{type: oauth2, token_url: "https://id/token", client_id: i, client_secret: "${env:S}", scopes: [a], parameters: {audience: b}}',
      {
        type: 'oauth2',
        tokenUrl: 'https://id/token',
        clientId: 'i',
        clientSecret: '${env:S}',
        scopes: ['a'],
        parameters: { audience: 'b' },
      },
    ],
    [
      '{type: sigv4, region: eu-west-1}',
      {
        type: 'sigv4',
        region: 'eu-west-1',
        service: 'aps',
        accessKeyId: '${env:AWS_ACCESS_KEY_ID}',
        secretAccessKey: '${env:AWS_SECRET_ACCESS_KEY}',
        sessionToken: '${env:AWS_SESSION_TOKEN}',
      },
    ],
    [
      '{type: sigv4, region: r, service: x, access_key_id: "${env:A}", secret_access_key: "${env:B}"}',
      { type: 'sigv4', region: 'r', service: 'x', accessKeyId: '${env:A}', secretAccessKey: '${env:B}' },
    ],
  ])('reads no secret of %s', (auth, expected) => {
    const { tenants } = load(`servers: [https://a]\nauth: ${auth}`, {
      U: 'me',
      P: 'secret',
      S: 'secret',
      A: 'secret',
      B: 'secret',
    });
    expect(tenants[0]?.sources[0]).toMatchObject({ access: { auth: expected } });
    expect(JSON.stringify(tenants)).not.toContain('"secret"');
  });

  it('warns of what surprises', () => {
    const { warnings } = load('servers: [http://a]\ninterval: 90s\nauth: {type: bearer, token: "${env:T}"}');
    expect(warnings.map(({ line, key, message }) => `${line} ${key} ${message}`)).toEqual([
      expect.stringMatching(/^9 tenants\[0\]\.sources\[0\]\.interval is 90s; on AWS the schedule runs once a minute/),
      expect.stringMatching(/^8 .*servers\[0\] credentials travel to http:\/\/a in clear text; use https$/),
    ]);
  });
});

describe('mistakes in a federation source', () => {
  it.each([
    ['no servers', '', /^tributary\.yml:\d+: tenants\[0\]\.sources\[0\]\.servers: must be a list of URLs/],
    ['an empty list', 'servers: []', /servers: is empty; give the URL of a server$/],
    [
      'no URL',
      'servers: [prometheus:9090]',
      /^tributary\.yml:8: .*servers\[0\]: "prometheus:9090" is not a URL; write http/,
    ],
    ['credentials in a URL', 'servers: [https://u:p@a]', /servers\[0\]: must not hold credentials; use auth$/],
    ['a query', 'servers: ["https://a/?x=1"]', /servers\[0\]: must not have a query/],
    [
      'a server twice',
      'servers: [https://a, https://a]',
      /servers\[1\]: server https:\/\/a stands here twice; remove one$/,
    ],
    [
      'a short interval',
      'servers: [https://a]\ninterval: 500ms',
      /^tributary\.yml:9: .*interval: must be at least 1s$/,
    ],
    ['a long timeout', 'servers: [https://a]\ntimeout: 46s', /timeout: must be more than 0s and at most 45s$/],
    [
      'a timeout beyond the interval',
      'servers: [https://a]\ninterval: 5s\ntimeout: 6s',
      /^tributary\.yml:10: .*timeout: the timeout must not be longer/,
    ],
    ['no duration', 'servers: [https://a]\ninterval: often', /interval: must be a duration such as 30s or 5m$/],
    [
      'a secret',
      'servers: [https://a]\nauth: {type: bearer, token: abc}',
      /auth\.token: must be a reference such as \$\{env:NAME\}.*a secret never stands in this file$/,
    ],
    [
      'no secret',
      'servers: [https://a]\nauth: {type: basic, username: u}',
      /auth\.password: is missing; write a reference/,
    ],
    [
      'an unknown kind of auth',
      'servers: [https://a]\nauth: {type: digest}',
      /auth\.type: must be one of basic, bearer, oauth2, sigv4/,
    ],
    [
      'keys of another kind',
      'servers: [https://a]\nauth: {type: bearer, token: "${env:T}", username: u}',
      /auth\.username: is not a key that is known here; remove it or use one of type, token$/,
    ],
    [
      'half a key pair',
      'servers: [https://a]\nauth: {type: sigv4, region: r, access_key_id: "${env:A}"}',
      /auth: needs both access_key_id and secret_access_key/,
    ],
    [
      'a token endpoint that is no URL',
      'servers: [https://a]\nauth: {type: oauth2, token_url: id, client_id: i, client_secret: "${env:S}"}',
      /auth\.token_url: "id" is not a URL/,
    ],
    [
      'a certificate without its key',
      'servers: [https://a]\ntls: {cert: "${env:C}"}',
      /tls: needs both cert and key, or neither$/,
    ],
    ['a path for a PEM', 'servers: [https://a]\ntls: {ca: /etc/ca.pem}', /tls\.ca: must be a PEM text, or a reference/],
    [
      'a reserved header',
      'servers: [https://a]\nheaders: {Authorization: x}',
      /headers\.Authorization: is set by the client itself/,
    ],
    [
      'an unknown reference',
      'servers: [https://a]\nheaders: {X-Key: "${vault:/a}"}',
      /headers\.X-Key: has a reference that is not known/,
    ],
    [
      'a line break',
      'servers: [https://a]\nheaders: {X-Key: "a\\nb"}',
      /headers\.X-Key: must hold only printable ASCII$/,
    ],
    [
      'an unknown network',
      'servers: [https://a]\nallow_networks: [all]',
      /allow_networks\[0\]: must be one of private, loopback$/,
    ],
    [
      'a limit of nothing',
      'servers: [https://a]\nlimits: {max_samples: 0}',
      /limits\.max_samples: must be more than 0$/,
    ],
    ['tokens', 'servers: [https://a]\ntokens: [w]', /tokens: is not a key that is known here/],
  ])('%s', (_, keys, expected) => {
    expect(mistakes(keys)[0]).toMatch(expected);
  });
});
