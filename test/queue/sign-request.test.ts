import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AwsCall, type AwsCredentials, RequestSigner } from '../../lib/queue/sign-request.ts';

it("gives the signature that AWS's own library gives, call after call", async () => {
  const signer = new RequestSigner();
  await fc.assert(
    fc.asyncProperty(anyCall, anyCredentials, anyTime, async (call, credentials, now) => {
      const { authorization, ...headers } = signer.headers(call, credentials, now);
      const expected = await signedByLibrary(call, credentials, headers, now);
      expect(authorization).toBe(expected);
    }),
    { numRuns: 200 },
  );
});

const anyCall: fc.Arbitrary<AwsCall> = fc.record({
  service: fc.constant('sqs'),
  region: fc.constantFrom('eu-west-1', 'us-east-2'),
  host: fc.constantFrom('sqs.eu-west-1.amazonaws.com', '127.0.0.1:9324'),
  target: fc.constantFrom('AmazonSQS.SendMessageBatch', 'AmazonSQS.SendMessage'),
  body: fc.string({ unit: 'binary' }),
});
const anyCredentials: fc.Arbitrary<AwsCredentials> = fc
  .tuple(
    fc.constantFrom('AKIA1', 'ASIA2'),
    fc.constantFrom('secret', 'other/secret+'),
    fc.option(fc.constant('to/ken==')),
  )
  .map(([accessKeyId, secretAccessKey, sessionToken]) => ({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === null ? {} : { sessionToken }),
  }));
/** Times of two days, so that the key of the day is kept and replaced. */
const anyTime = fc.integer({ min: Date.UTC(2026, 10, 22), max: Date.UTC(2026, 10, 24) - 1 });

async function signedByLibrary(
  { service, region, host, body }: AwsCall,
  credentials: AwsCredentials,
  headers: Record<string, string>,
  now: number,
): Promise<string | undefined> {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false });
  const { 'x-amz-date': _, 'x-amz-security-token': __, ...plain } = headers;
  const request = new HttpRequest({
    method: 'POST',
    protocol: 'https:',
    hostname: host,
    path: '/',
    headers: plain,
    body,
  });
  const signed = await signer.sign(request, { signingDate: new Date(now) });
  return signed.headers['authorization'];
}
