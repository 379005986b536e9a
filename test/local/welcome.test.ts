import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { remoteWriteBlock, welcome } from '../../local/welcome.ts';

const server = {
  url: 'http://127.0.0.1:9201',
  port: 9201,
  tenant: 'demo',
  token: 's3cret',
  writes: true,
  dataFolder: '/tmp/data',
  stop: async () => ({ drained: true }),
};

it('the block for prometheus.yml is YAML that a Prometheus takes', () => {
  expect(parse(remoteWriteBlock(server.url, server.tenant, server.token))).toEqual({
    remote_write: [
      {
        url: 'http://127.0.0.1:9201/api/v1/write',
        basic_auth: { username: 'demo', password: 's3cret' },
        send_native_histograms: true,
        queue_config: {
          capacity: 50_000,
          max_samples_per_send: 10_000,
          batch_send_deadline: '5s',
          max_shards: 10,
          retry_on_http_429: true,
        },
        metadata_config: { send_interval: '10m' },
      },
    ],
  });
});

it('the welcome says where things are and what to ask', () => {
  const text = welcome(server, { demo: true });
  for (const part of ['ready at http://127.0.0.1:9201', 'Data is in /tmp/data', '--no-demo', 'password: s3cret']) {
    expect(text).toContain(part);
  }
  expect(text).toContain("curl 'http://127.0.0.1:9201/api/v1/query?query=asserts:request:total'");
  expect(text).toContain('\n  http://127.0.0.1:9201/status\n');
  expect(welcome(server, { demo: false })).not.toContain('shop');
});

it('the welcome of a tenant whose servers are asked shows no way to write', () => {
  const text = welcome({ ...server, writes: false }, { demo: false });
  expect(text).toContain('The servers of tenant demo are asked');
  expect(text).toContain("curl 'http://127.0.0.1:9201/api/v1/query?query=asserts:request:rate5m'");
  for (const part of ['remote_write', 's3cret', 'asserts:request:total']) expect(text).not.toContain(part);
});
