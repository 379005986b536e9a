import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A POST to the root of a service that speaks an AWS JSON protocol. */
export interface AwsCall {
  readonly service: string;
  readonly region: string;
  /** With its port where that is not the default one. */
  readonly host: string;
  /** `AmazonSQS.SendMessageBatch` */
  readonly target: string;
  /** UTF-8. */
  readonly body: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const CONTENT_TYPE = 'application/x-amz-json-1.0';

/**
 * Headers of the call with its Signature Version 4 (AWS, "Create a signed AWS API request"). What lib/remote/sigv4.ts
 * does for any request with the library of AWS; this one call is made for every request that is received, so the key of
 * the day is kept and nothing is canonicalised that is always the same (`npm run bench -- send` tells what that saves).
 */
export class RequestSigner {
  #keyOf = '';
  #key: Buffer = Buffer.alloc(0);

  /** @param now milliseconds. */
  headers({ service, region, host, target, body }: AwsCall, credentials: AwsCredentials, now: number) {
    const { accessKeyId, sessionToken } = credentials;
    const timestamp = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = timestamp.slice(0, 8);
    // In the order of their names, as the signature wants them.
    const headers: Record<string, string> = {
      'content-type': CONTENT_TYPE,
      host,
      'x-amz-date': timestamp,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
      'x-amz-target': target,
    };
    const names = Object.keys(headers).join(';');
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
    const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = `${ALGORITHM}\n${timestamp}\n${scope}\n${sha256(canonical)}`;
    const signature = hmac(this.#keyOfDay(credentials, day, region, service), text).toString('hex');
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...headers, authorization };
  }

  #keyOfDay({ secretAccessKey }: AwsCredentials, day: string, region: string, service: string): Buffer {
    const keyOf = `${day}/${region}/${service}/${secretAccessKey}`;
    if (keyOf !== this.#keyOf) {
      this.#key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day));
      this.#keyOf = keyOf;
    }
    return this.#key;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
