import { describe, expect, it } from 'vitest';
import { newSecretReader } from '../../lib/config/secret-reader.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import type { SecretStore } from '../../lib/remote/secret-store.ts';
import { LOCAL_ACCESS, startFakeServer } from '../remote/fake-server.ts';

const SECRETS: Readonly<Record<string, string>> = {
  'ssm:/token': 'abc\n',
  'ssm:/pem': '-----BEGIN X-----\nAA\n-----END X-----\n',
  'secretsmanager:prod/prometheus': '{"password":"p","port":9}',
};

function fixture() {
  const asked: string[] = [];
  const clock = { now: 0 };
  const read = newSecretReader(
    { A: 'env' },
    {
      now: () => clock.now,
      async fetch(store: SecretStore, name: string) {
        asked.push(`${store}:${name}`);
        const value = SECRETS[`${store}:${name}`];
        if (value === undefined) throw new Error('ParameterNotFound: no such thing');
        return value;
      },
    },
  );
  return { read, asked, clock };
}

describe('newSecretReader', () => {
  it('reads what AWS keeps, whole or by key, amid other text', async () => {
    const { read } = fixture();
    expect(await read('${ssm:/token}')).toBe('abc');
    expect(await read('${secretsmanager:prod/prometheus#password}')).toBe('p');
    expect(await read('${secretsmanager:prod/prometheus}')).toBe('{"password":"p","port":9}');
    expect(await read('${env:A} ${ssm:/token}/${secretsmanager:prod/prometheus#password}.')).toBe('env abc/p.');
  });

  it('asks nobody about anything else', () => {
    const { read, asked } = fixture();
    expect(read('Bearer ${env:A}')).toBe('Bearer env');
    expect(() => read('${env:B}')).toThrow('cannot read ${env:B}: the variable is not set');
    expect(asked).toEqual([]);
  });

  it('asks once in five minutes, however many want to know', async () => {
    const { read, asked, clock } = fixture();
    await Promise.all([read('${ssm:/token}'), read('${ssm:/token}'), read('x${ssm:/token}')]);
    clock.now = 299_999;
    await read('${ssm:/token}');
    expect(asked).toEqual(['ssm:/token']);
    clock.now = 300_000;
    await read('${ssm:/token}');
    expect(asked).toEqual(['ssm:/token', 'ssm:/token']);
  });

  it('names the reference that leads nowhere, and tries again the next time', async () => {
    const { read, asked } = fixture();
    for (const _ of [1, 2]) {
      await expect(read('${ssm:/nowhere}')).rejects.toThrow(
        'cannot read ${ssm:/nowhere}: ParameterNotFound: no such thing',
      );
    }
    expect(asked).toEqual(['ssm:/nowhere', 'ssm:/nowhere']);
    for (const key of ['port', 'other']) {
      await expect(read(`\${secretsmanager:prod/prometheus#${key}}`)).rejects.toThrow(
        `cannot read \${secretsmanager:prod/prometheus#${key}}: the secret is no JSON object with a text under "${key}"`,
      );
    }
    await expect(read('${ssm:/token#a}')).rejects.toThrow('no JSON object');
  });

  it('gives clients of servers their credentials, and tells of a missing one as such', async () => {
    const server = await startFakeServer((_, response) => response.end('ok'));
    const { read } = fixture();
    const clientOf = (token: string) =>
      newRemoteClient({
        url: server.url,
        access: { ...LOCAL_ACCESS, auth: { type: 'bearer', token }, headers: { 'X-Key': '${ssm:/token}' } },
        secret: read,
      });
    const request = { method: 'GET', path: '/', timeout: 2000, maxBytes: 100 } as const;
    const good = clientOf('${secretsmanager:prod/prometheus#password}');
    expect((await good.send(request)).status).toBe(200);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer p', 'x-key': 'abc' });
    const bad = clientOf('${ssm:/nowhere}');
    await expect(bad.send(request)).rejects.toMatchObject({
      reason: 'credentials',
      message: expect.stringContaining('${ssm:/nowhere}'),
    });
    good.close();
    bad.close();
    await server.close();
  });
});
