import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCommand, writeConfiguration } from './setup-fixture.ts';

const HASH = 'a'.repeat(64);
const config = writeConfiguration(`
  - name: shop
    tokens: [{name: prometheus, sha256: ${HASH}, scopes: [write]}, {name: twins, sha256: ${'b'.repeat(64)}, scopes: [write]}]
    sources:
      - name: push
        type: remote_write
        tokens: [prometheus]
        scope: {env: {labels: [env], default: dev}, site: {labels: []}}
      - name: pair
        type: remote_write
        tokens: [twins]
        ha: {replica_label: prometheus_replica}
        external_labels: {cluster: eu-1, env: 'a "b"'}
      - name: clusters
        type: federation
        servers: [https://eu.example.com/prom, https://us.example.com]
        interval: 2m
        auth: {type: basic, username: tributary, password: '\${env:PASSWORD}'}
        headers: {X-Scope-OrgID: shop}
  - name: bank
    tokens: []
    sources:
      - {name: longterm, type: query, url: 'https://thanos.example.com', scope: {env: {labels: [env]}}}
  - name: other
    tokens: []
    sources:
      - {name: longterm, type: query, url: 'https://thanos.example.org'}
`);

async function setup(...args: string[]) {
  const { code, out, err } = await runCommand(['setup', ...args, '-c', config]);
  expect([code, err]).toEqual([0, '']);
  return out.replace(/\b[0-9a-f]{16}\b/, '<version>').replaceAll(config.replace(/[^/]*$/, ''), '');
}

describe('tributary setup', () => {
  it('prints the remote_write block', async () => {
    const text = await setup('push', '--url', 'https://api.example.com/', '--credentials-file', '/run/token');
    await expect(text).toMatchFileSnapshot('setup/remote-write.txt');
    expect(await setup('push', '--url', 'https://api.example.com', '--credentials-file', '/run/token')).toBe(text);
    const [block] = parse(text).remote_write;
    expect(block.url).toBe('https://api.example.com/api/v1/write');
    expect({ write_relabel_configs: block.write_relabel_configs }).toEqual(parse(await setup('push', '--bare')));
  });

  it('tells replicas of a source apart', async () => {
    expect(await setup('pair')).toContain('#        cluster: eu-1\n#        prometheus_replica: prometheus-0\n');
    expect(await setup('push')).not.toContain('replica');
  });

  it('prints the external labels that are expected', async () => {
    const text = await setup('pair');
    const commented = text
      .slice(text.indexOf('#    global:'), text.indexOf('#    Every replica'))
      .replaceAll(/^# {4}/gm, '');
    expect(parse(commented)).toEqual({ global: { external_labels: { cluster: 'eu-1', env: 'a "b"' } } });
  });

  it('says with a URL that no Prometheus takes that the URL is missing', async () => {
    expect(await setup('push')).toContain('url: https://<api-id>.execute-api.<region>.amazonaws.com/api/v1/write\n');
  });

  it('prints what the servers of a federation source are asked', async () => {
    await expect(await setup('clusters')).toMatchFileSnapshot('setup/federation.txt');
    expect((await setup('clusters', '--bare')).split('\n')).toContain('{__name__="cpu_seconds_total",mode!="idle"}');
  });

  it('prints what the server of a query source is asked, rule by rule', async () => {
    await expect(await setup('bank/longterm')).toMatchFileSnapshot('setup/query.txt');
    expect(await setup('bank/longterm', '--bare')).toContain(
      'sum by (env) (rate(orders_total{result=~"paid|sent"}[5m]))',
    );
  });

  it('names the sources that there are', async () => {
    const missing = await runCommand(['setup', 'nothing', '-c', config]);
    expect([missing.code, missing.out]).toEqual([1, '']);
    expect(missing.err).toBe(
      `error: there is no source "nothing"; ${config} has shop/push (remote_write), shop/pair (remote_write), shop/clusters (federation), bank/longterm (query), other/longterm (query)\n`,
    );
    expect((await runCommand(['setup', 'longterm', '-c', config])).err).toBe(
      'error: there are several sources longterm: name one of bank/longterm, other/longterm\n',
    );
  });
});
