import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/load-config.ts';
import { DEFAULT_HIGH_AVAILABILITY } from '../../lib/context/tenant.ts';

const file = join(mkdtempSync(join(tmpdir(), 'tributary-ha-')), 'tributary.yml');

describe('ha of a source', () => {
  it('is off unless it is there, and has defaults', () => {
    expect(ha('')).toBeUndefined();
    expect(ha(', ha: {}')).toEqual(DEFAULT_HIGH_AVAILABILITY);
    expect(ha(', ha: {cluster_label: region, replica_label: prometheus_replica, failover_timeout: 1m}')).toEqual({
      clusterLabel: 'region',
      replicaLabel: 'prometheus_replica',
      failoverTimeout: 60_000,
    });
  });

  it.each([
    ['{failover_timeout: 100ms}', 'failover_timeout: must be at least 1s and at most 1h'],
    ['{failover_timeout: 2h}', 'failover_timeout: must be at least 1s and at most 1h'],
    ['{failover_timeout: soon}', 'failover_timeout: must be a duration such as 30s or 5m'],
    ['{cluster_label: a-b}', 'cluster_label: is not a label name'],
    ['{cluster_label: __name__}', 'cluster_label: cannot be the name of the metric; use an external label'],
    ['{cluster_label: r, replica_label: r}', 'replica_label: cluster and replica cannot both be r'],
    [
      '{timeout: 30s}',
      'timeout: is not a key that is known here; remove it or use one of cluster_label, replica_label',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => ha(`, ha: ${text}`)).toThrow(message);
  });

  it('belongs to sources that are written to', () => {
    const federation = '{name: f, type: federation, servers: [https://example.com], ha: {}}';
    expect(() => load(`[{name: prom, type: remote_write, tokens: [w]}, ${federation}]`)).toThrow('sources[1].ha');
  });
});

function ha(text: string) {
  const [source] = load(`[{name: prom, type: remote_write, tokens: [w]${text}}]`);
  return source?.type === 'remote_write' ? source.ha : undefined;
}

function load(sources: string) {
  const token = `{name: w, sha256: ${'a'.repeat(64)}, scopes: [write]}`;
  writeFileSync(file, `packs: []\ntenants: [{name: demo, tokens: [${token}], sources: ${sources}}]\n`);
  return loadConfig(file, { environment: {} }).tenants[0]?.sources ?? [];
}
