import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RemoteTls } from '../../lib/context/remote-access.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import { type FakeServer, LOCAL_ACCESS, startFakeServer } from './fake-server.ts';

if (spawnSync('openssl', ['version']).status === 0) {
  describe('TLS', () => tls());
} else {
  console.warn('SKIPPED: TLS with a private authority, because openssl cannot be run here');
  it.skip('TLS with a private authority (openssl is not installed)', () => {});
}

function tls(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-tls-'));
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  let server: FakeServer;
  const clients: { close(): void }[] = [];

  beforeAll(async () => {
    for (const authority of ['ca', 'other-ca']) makeAuthority(authority);
    sign('server', 'ca', 'DNS:prometheus.test,IP:127.0.0.1');
    sign('client', 'ca', 'DNS:tributary.test');
    sign('stranger', 'other-ca', 'DNS:tributary.test');
    const options = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') };
    server = await startFakeServer((_, response) => response.end('ok'), {
      ...options,
      requestCert: true,
      rejectUnauthorized: true,
    });
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function makeAuthority(name: string): void {
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      ...subject,
    );
  }

  function sign(name: string, authority: string, names: string): void {
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`);
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${authority}.pem`,
      '-CAkey',
      `${authority}.key`,
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  }

  function send(files: RemoteTls, url = server.url) {
    const client = newRemoteClient({
      url,
      access: { ...LOCAL_ACCESS, tls: files },
      // A reference is the name of a file here.
      secret: (text) => (text.endsWith('.pem') || text.endsWith('.key') ? read(text) : text),
      resolve: (_, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    clients.push(client);
    return client.send({ method: 'GET', path: '/', timeout: 5000, maxBytes: 100 });
  }

  const OURS = { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' };

  it('takes a private authority and shows our certificate (mTLS)', async () => {
    expect(String((await send(OURS)).body)).toBe('ok');
  });

  it('takes a certificate that was renewed, and keeps its connection as long as none was', async () => {
    const shown = { name: 'stranger' };
    const client = newRemoteClient({
      url: server.url,
      access: { ...LOCAL_ACCESS, tls: { ca: 'ca.pem', cert: 'ours.pem', key: 'ours.key' } },
      secret: (text) => read(text.replace('ours', shown.name)),
    });
    clients.push(client);
    const ask = () => client.send({ method: 'GET', path: '/', timeout: 5000, maxBytes: 100 });
    await expect(ask()).rejects.toThrow('cannot reach');
    shown.name = 'client';
    expect((await ask()).status).toBe(200);
    const connections = server.connections();
    expect((await ask()).status).toBe(200);
    expect(server.connections()).toBe(connections);
  });

  it('verifies the name of the URL, or the one that is configured', async () => {
    const port = new URL(server.url).port;
    expect((await send(OURS, `https://prometheus.test:${port}`)).status).toBe(200);
    await expect(send(OURS, `https://other.test:${port}`)).rejects.toMatchObject({ reason: 'tls' });
    expect((await send({ ...OURS, serverName: 'prometheus.test' }, `https://other.test:${port}`)).status).toBe(200);
  });

  it.each([
    ['an authority that nobody named', { cert: 'client.pem', key: 'client.key' }],
    ['another authority', { ...OURS, ca: 'other-ca.pem' }],
    ['a key that is not of the certificate', { ...OURS, key: 'stranger.key' }],
  ])('refuses %s', async (_, files) => {
    await expect(send(files)).rejects.toMatchObject({ reason: 'tls' });
  });

  it.each([
    ['no certificate', { ca: 'ca.pem' }],
    ['a certificate of a stranger', { ca: 'ca.pem', cert: 'stranger.pem', key: 'stranger.key' }],
  ])('is refused by the server with %s', async (_, files) => {
    const before = server.seen.length;
    await expect(send(files)).rejects.toMatchObject({ reason: expect.stringMatching(/^(tls|connection_lost)$/) });
    expect(server.seen).toHaveLength(before);
  });
}
