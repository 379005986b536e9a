import { afterEach, describe, expect, it } from 'vitest';
import { newFetchSecret } from '../../lib/remote/secret-store.ts';
import { type FakeHandler, type FakeServer, startFakeServer } from './fake-server.ts';
import { sigV4Fault } from './verify-sigv4.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not a real one' };

const opened: FakeServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

/** AWS as far as these calls know it: checks the signature and what must be signed. */
async function start(answer: FakeHandler) {
  const server = await startFakeServer((request, response) => {
    const signed = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split(';') ?? [];
    const fault = sigV4Fault(request, KEYS) ?? (signed.includes('x-amz-target') ? undefined : 'target is not signed');
    if (fault === undefined) return answer(request, response);
    return response.writeHead(403).end(JSON.stringify({ __type: 'InvalidSignatureException', message: fault }));
  });
  opened.push(server);
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_SESSION_TOKEN: 'session',
    AWS_ENDPOINT_URL_SSM: server.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
  };
  return { server, environment, fetch: newFetchSecret(environment) };
}

describe('newFetchSecret', () => {
  it('reads parameters, decrypted', async () => {
    const { server, fetch } = await start((_, response) => response.end('{"Parameter":{"Value":"s3cret"}}'));
    expect(await fetch('ssm', '/tributary/password')).toBe('s3cret');
    const [request] = server.seen;
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.GetParameter',
      'x-amz-security-token': 'session',
    });
    expect(request?.headers.authorization).toContain('/eu-west-1/ssm/aws4_request');
    expect(JSON.parse(String(request?.body))).toEqual({ Name: '/tributary/password', WithDecryption: true });
  });

  it('reads secrets of Secrets Manager', async () => {
    const { server, fetch } = await start((_, response) => response.end('{"SecretString":"{\\"a\\":1}"}'));
    expect(await fetch('secretsmanager', 'prod/prometheus')).toBe('{"a":1}');
    const [request] = server.seen;
    expect(request?.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    expect(request?.headers.authorization).toContain('/eu-west-1/secretsmanager/aws4_request');
    expect(JSON.parse(String(request?.body))).toEqual({ SecretId: 'prod/prometheus' });
  });

  it.each([
    [400, '{"__type":"ParameterNotFound"}', 'ParameterNotFound: AWS does not say why'],
    [
      400,
      '{"__type":"com.amazonaws#AccessDeniedException","Message":"not you"}',
      'AccessDeniedException: not you; name it in the parameter secretArns of serverless.yml',
    ],
    [
      400,
      '{"__type":"AccessDeniedException","Message":"User: arn:aws:sts::123456789012:assumed-role/api is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/a"}',
      'AccessDeniedException: User: arn:… is not authorized to perform: ssm:GetParameter on resource: arn:…; name it',
    ],
    [502, '<html>', 'status 502: AWS does not say why'],
    [200, '{}', 'AWS answers with no text'],
    [200, 'null', 'AWS answers with no text'],
  ])('tells what AWS says: %i %s', async (status, body, message) => {
    const { fetch } = await start((_, response) => response.writeHead(status).end(body));
    await expect(fetch('ssm', '/a')).rejects.toThrow(message);
  });

  it('says what the environment lacks', async () => {
    const { environment } = await start((_, response) => response.end());
    await expect(newFetchSecret({ ...environment, AWS_REGION: '' })('ssm', 'a')).rejects.toThrow('set AWS_REGION');
    await expect(newFetchSecret({ AWS_REGION: 'eu-west-1' })('ssm', 'a')).rejects.toThrow('set AWS_ACCESS_KEY_ID');
    const wrong = newFetchSecret({ ...environment, AWS_SECRET_ACCESS_KEY: 'another' });
    await expect(wrong('ssm', 'a')).rejects.toThrow('InvalidSignatureException');
  });
});
