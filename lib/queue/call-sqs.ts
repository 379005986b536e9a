import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type AwsCredentials, RequestSigner } from './sign-request.ts';

/** One call of SQS's JSON protocol; resolves with the text of a successful answer. */
export type CallSqs = (action: string, body: string) => Promise<string>;

export interface SqsEndpoint {
  /** Any queue's URL: calls go to its host. */
  readonly queueUrl: string;
  readonly region: string;
  /** Asked at every call, because they change while an instance lives. */
  readonly credentials: () => AwsCredentials;
  /** Asked at every call: what links it to the invocation that makes it. */
  readonly trace?: () => string | undefined;
  readonly now?: () => number;
  readonly timeoutMs?: number;
  /** Of an answer; default: enough for whoever sends. */
  readonly maxAnswerBytes?: number;
}

/** SQS did not do what it was asked. */
export class SqsCallError extends Error {
  /** The error's name in SQS's API, or the system's for what never reached it. */
  readonly code: string;
  /** The same call may succeed later. */
  readonly passing: boolean;

  constructor(code: string, message: string, passing: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = code;
    this.code = code;
    this.passing = passing;
  }
}

/** Answers to what sends are small: an entry for each message. */
const MAX_ANSWER_BYTES = 1024 * 1024;

const DEFAULT_TIMEOUT_MS = 3000;

/**
 * Calls of SQS over connections that are kept. Not the SDK's client: that takes three times the CPU of a call or more
 * (`npm run bench -- send`), and half of the receiver's bundle.
 *
 * @throws SqsCallError
 */
export function newCallSqs(endpoint: SqsEndpoint): CallSqs {
  const { queueUrl, region, credentials, now = Date.now, timeoutMs = DEFAULT_TIMEOUT_MS } = endpoint;
  const { maxAnswerBytes = MAX_ANSWER_BYTES, trace } = endpoint;
  const { protocol, hostname, port, host } = new URL(queueUrl);
  const isHttps = protocol === 'https:';
  const agent = isHttps ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const send = isHttps ? httpsRequest : httpRequest;
  const signer = new RequestSigner();
  return (action, body) => {
    const call = { service: 'sqs', region, host, target: `AmazonSQS.${action}`, body };
    const traced = trace?.();
    const headers = {
      ...signer.headers(call, credentials(), now()),
      'content-length': Buffer.byteLength(body),
      ...(traced !== undefined && { 'x-amzn-trace-id': traced }),
    };
    // The time of the socket from its beginning: `setTimeout` of the request would wait until it is connected.
    const options = { hostname, port, method: 'POST', path: '/', agent, headers, timeout: timeoutMs };
    return exchange({ open: () => send(options), body, timeoutMs, maxAnswerBytes });
  };
}

interface Exchange {
  readonly open: () => ClientRequest;
  readonly body: string;
  /** That `open` has set. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/**
 * One call and its answer. A kept connection may have been closed while Lambda had frozen the function: what it carried is
 * sent once more over another. SQS may then have done it twice, as after any lost answer.
 */
function exchange(call: Exchange, mayRepeat = true): Promise<string> {
  const { open, body, timeoutMs, maxAnswerBytes } = call;
  return new Promise((resolve, reject) => {
    const request = open();
    request.on('response', (response) => {
      readAnswer(response, maxAnswerBytes).then(
        (text) => (response.statusCode === 200 ? resolve(text) : reject(refusal(response, text))),
        (error: Error) => reject(unreachable(error)),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', (error) => {
      const isStale = request.reusedSocket && isDisconnect(error);
      if (isStale && mayRepeat) resolve(exchange(call, false));
      else reject(unreachable(error));
    });
    request.end(body);
  });
}

function isDisconnect({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
  }
  return Buffer.concat(parts).toString();
}

/** Names of errors that SQS gives with 4xx although the same call may succeed later. */
const PASSING = /Throttl|TooManyRequests|RequestTimeout|ServiceUnavailable|InternalError|InternalFailure|SlowDown/;

function refusal({ statusCode = 0 }: IncomingMessage, text: string): SqsCallError {
  const { code, message } = readError(text);
  const name = code === '' ? `HTTP ${statusCode}` : code;
  return new SqsCallError(name, message, statusCode >= 500 || statusCode === 429 || PASSING.test(code));
}

/** `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"…"}`; a proxy on the way may answer anything. */
function readError(text: string): { code: string; message: string } {
  try {
    const { __type = '', message, Message } = JSON.parse(text) as Record<string, string | undefined>;
    return { code: __type.replace(/^.*#/, ''), message: message ?? Message ?? text.slice(0, 200) };
  } catch {
    return { code: '', message: text.slice(0, 200) };
  }
}

function unreachable(error: Error): SqsCallError {
  const code = (error as NodeJS.ErrnoException).code ?? 'ConnectionError';
  return new SqsCallError(code, error.message, true, { cause: error });
}
