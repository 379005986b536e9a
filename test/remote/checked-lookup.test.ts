import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import type { Network } from '../../lib/context/remote-access.ts';
import { checkedLookup, checkLiteralHost } from '../../lib/remote/checked-lookup.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import { LOCAL_ACCESS, startFakeServer, testSecret } from './fake-server.ts';

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const v6 = (address: string): LookupAddress => ({ address, family: 6 });

function lookUp(addresses: readonly LookupAddress[], allowed: readonly Network[], all = true) {
  return new Promise((resolve, reject) => {
    checkedLookup(allowed, (_, callback) => callback(null, addresses))('host.test', { all }, (error, found, family) =>
      error ? reject(error) : resolve(all ? found : { address: found, family }),
    );
  });
}

describe('checkedLookup', () => {
  it('hands on exactly the addresses that it checked', async () => {
    const addresses = [v4('8.8.8.8'), v6('2606:4700::1111')];
    expect(await lookUp(addresses, [])).toEqual(addresses);
    expect(await lookUp(addresses, [], false)).toEqual(addresses[0]);
    expect(await lookUp([v4('10.0.0.7')], ['private'])).toEqual([v4('10.0.0.7')]);
  });

  it.each([
    ['metadata', [v4('169.254.169.254')], ['private', 'loopback']],
    ['metadata by IPv6', [v6('fd00:ec2::254')], ['private', 'loopback']],
    ['link-local', [v6('fe80::1%eth0')], ['private', 'loopback']],
    ['a mapped metadata address', [v6('::ffff:169.254.169.254')], ['private', 'loopback']],
    ['loopback that nobody allowed', [v4('127.0.0.1')], ['private']],
    ['private addresses that nobody allowed', [v4('10.0.0.1')], ['loopback']],
    ['a good address beside a bad one', [v4('8.8.8.8'), v4('169.254.169.254')], []],
  ] as const)('refuses %s', async (_, addresses, allowed) => {
    await expect(lookUp(addresses, allowed)).rejects.toMatchObject({ reason: 'address_not_allowed' });
  });

  it('says what to allow, or that nothing can be', async () => {
    await expect(lookUp([v4('10.0.0.1')], [])).rejects.toThrow(
      'cannot connect to host.test (10.0.0.1): it is a private address; add private to allow_networks',
    );
    await expect(lookUp([v4('169.254.169.254')], [])).rejects.toThrow(/metadata .* never connected to/);
  });

  it('fails for a name without addresses', async () => {
    await expect(lookUp([], [])).rejects.toThrow('host.test has no address');
  });
});

describe('checkLiteralHost', () => {
  it.each(['169.254.169.254', '[fd00:ec2::254]', '[::ffff:a9fe:a9fe]', '10.0.0.1', '127.0.0.1', '[::1]', '0.0.0.0'])(
    'refuses %s',
    (host) => {
      expect(() => checkLiteralHost(host, [])).toThrow(/cannot connect to/);
    },
  );

  it('leaves names to the look-up, and allowed addresses alone', () => {
    checkLiteralHost('prometheus.example.com', []);
    checkLiteralHost('127.0.0.1', ['loopback']);
    checkLiteralHost('8.8.8.8', []);
  });
});

/** No address that is refused here is ever connected to: `send` fails before there is a socket. */
describe('a client', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166',
    'http://0xa9fea9fe',
    'http://0251.0376.0251.0376',
    'http://[::ffff:169.254.169.254]',
    'http://[fd00:ec2::254]',
    'http://[fe80::1]',
    'https://169.254.170.2',
    'http://0.0.0.0',
    'http://[::]:9090',
    'http://[64:ff9b::a9fe:a9fe]',
  ])('never goes to %s, whatever is allowed', async (url) => {
    const access = { ...LOCAL_ACCESS, allowNetworks: ['private', 'loopback'] as const };
    const client = newRemoteClient({ url, access, secret: testSecret });
    await expect(client.send({ method: 'GET', path: '/', timeout: 1000, maxBytes: 1000 })).rejects.toMatchObject({
      reason: 'address_not_allowed',
    });
  });

  it.each(['http://127.0.0.1:1', 'http://2130706433:1', 'http://127.1:1', 'http://[::1]:1', 'http://10.0.0.1:1'])(
    'goes to %s only where that is allowed',
    async (url) => {
      const client = newRemoteClient({ url, access: { ...LOCAL_ACCESS, allowNetworks: [] }, secret: testSecret });
      await expect(client.send({ method: 'GET', path: '/', timeout: 1000, maxBytes: 1000 })).rejects.toMatchObject({
        reason: 'address_not_allowed',
      });
    },
  );

  it('checks each connection anew, and connects to what it checked (DNS rebinding)', async () => {
    const server = await startFakeServer((_, response) => {
      response.setHeader('connection', 'close');
      response.end('ok');
    });
    const answers = [[v4('127.0.0.1')], [v4('169.254.169.254')], [v4('127.0.0.1'), v4('169.254.169.254')]];
    let asked = 0;
    const client = newRemoteClient({
      url: `http://rebind.test:${server.port}`,
      access: LOCAL_ACCESS,
      secret: testSecret,
      resolve: (_, callback) => callback(null, answers[asked++] ?? []),
    });
    const send = () => client.send({ method: 'GET', path: '/', timeout: 1000, maxBytes: 1000 });
    expect((await send()).status).toBe(200);
    await expect(send()).rejects.toMatchObject({ reason: 'address_not_allowed' });
    await expect(send()).rejects.toMatchObject({ reason: 'address_not_allowed' });
    expect([asked, server.seen.length]).toEqual([3, 1]);
    expect(server.seen[0]?.headers.host).toBe(`rebind.test:${server.port}`);
    client.close();
    await server.close();
  });
});
