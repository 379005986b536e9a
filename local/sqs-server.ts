import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuseWebPages } from './refuse-web-pages.ts';
import type { QueueFigures } from './sqs/local-queue.ts';
import { type Input, OPERATIONS } from './sqs/operations.ts';
import { LOCAL_ACCOUNT, QueueRegistry } from './sqs/queue-registry.ts';
import { SqsError } from './sqs/sqs-error.ts';

export interface SqsServerOptions {
  /** Folder of the messages; made when it is missing. */
  readonly folder: string;
  readonly region?: string;
}

export interface SqsServer {
  /** What the client calls its endpoint. */
  readonly url: string;
  /** What waits in each queue, as a cloud would tell it by other means. */
  figures(): readonly QueueFigures[];
  /** Answers open long polls with nothing, and closes the folder. */
  close(): Promise<void>;
}

/** A whole batch of 1 MiB in JSON, with room for escapes. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

/**
 * A stand-in for Amazon SQS on the loopback interface: the AWS JSON 1.0 protocol, so that the real client speaks to it.
 * Standard queues; a message is durable before its sender gets an answer.
 *
 * @throws Error when the folder cannot be written or another process uses it.
 */
export async function startSqsServer({ folder, region = 'eu-west-1' }: SqsServerOptions): Promise<SqsServer> {
  const queues = await QueueRegistry.open(folder, region);
  const closing = new AbortController();
  const server = createServer((request, response) => {
    handle(queues, request, response, closing.signal).catch((error: unknown) => answerError(response, error));
  });
  refuseWebPages(server);
  server.keepAliveTimeout = 65_000;
  await listen(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    figures: () => queues.all().map((queue) => queue.figures),
    async close() {
      closing.abort();
      await closeServer(server);
      await queues.close();
    },
  };
}

async function handle(
  queues: QueueRegistry,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const input = await readInput(request);
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = target.startsWith('AmazonSQS.') ? OPERATIONS[target.slice('AmazonSQS.'.length)] : undefined;
  if (operation === undefined) {
    throw new SqsError(
      'UnknownOperationException',
      `This local queue server does not know ${target || 'the request'}.`,
    );
  }
  const urlOf = ({ name }: { name: string }) => `http://${request.headers.host}/${LOCAL_ACCOUNT}/${name}`;
  const output = await operation({ queues, urlOf, signal: AbortSignal.any([closing, gone(response)]) }, input);
  answer(response, 200, output);
}

async function readInput(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES)
      throw new SqsError('RequestTooLarge', `Request of more than ${MAX_REQUEST_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Input;
  } catch (error) {
    throw new SqsError('SerializationException', (error as Error).message);
  }
}

/** Fires when the caller's connection closes before it has its answer. */
function gone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableEnded) controller.abort();
  });
  return controller.signal;
}

function answer(response: ServerResponse, status: number, output: object, headers: Record<string, string> = {}): void {
  const body = JSON.stringify(output);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(body);
}

function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return;
  if (error instanceof SqsError) {
    const output = { __type: `com.amazonaws.sqs#${error.type}`, message: error.message };
    answer(response, 400, output, { 'x-amzn-query-error': `${error.queryCode};Sender` });
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  answer(response, 500, { __type: 'com.amazonaws.sqs#InternalFailure', message });
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1000).unref();
  });
}
