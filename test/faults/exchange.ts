import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

/** A whole answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Headers of one connection, and the length, which is set anew. */
const NOT_PASSED_ON = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']);

const agent = new Agent({ keepAlive: true });

/** One request on its way, which a fault may do with as it likes. */
export class Exchange {
  /** What is asked for: `DynamoDB.PutItem`, `SQS.ReceiveMessage`, or the path of an ordinary request. */
  readonly action: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** In [0, 1), seeded. */
  readonly random: () => number;
  readonly #upstream: string | undefined;
  readonly #onReply: ((action: string, reply: Reply) => void) | undefined;
  #body: Promise<Buffer> | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    upstream: string | undefined,
    random: () => number,
    onReply?: (action: string, reply: Reply) => void,
  ) {
    const target = String(request.headers['x-amz-target'] ?? '');
    this.action = target.replace(/^DynamoDB_\d+/, 'DynamoDB').replace(/^AmazonSQS/, 'SQS') || (request.url ?? '/');
    this.request = request;
    this.response = response;
    this.random = random;
    this.#upstream = upstream;
    this.#onReply = onReply;
  }

  read(): Promise<Buffer> {
    this.#body ??= readAll(this.request);
    return this.#body;
  }

  /** Lets the request take effect, and resolves with its answer. Ends when who asked has gone. */
  async forward(body?: Buffer): Promise<Reply> {
    return this.send(body ?? (await this.read()), {});
  }

  /** The same with other headers, for calls of the fault's own. */
  send(body: Buffer, changed: Readonly<Record<string, string>>): Promise<Reply> {
    const { method = 'GET', url = '/' } = this.request;
    const passed = Object.entries(this.request.headers).filter(([name]) => !NOT_PASSED_ON.has(name));
    const headers = { ...Object.fromEntries(passed), ...changed, 'content-length': body.length };
    return new Promise((resolve, reject) => {
      const upstream = httpRequest(new URL(url, this.#upstream), { method, headers, agent }, (response) => {
        readAll(response).then((bytes) => {
          const reply = toReply(response, bytes);
          this.#onReply?.(this.action, reply);
          resolve(reply);
        }, reject);
      });
      const hangUp = () => upstream.destroy(new Error('who asked has gone'));
      this.response.once('close', hangUp);
      upstream.once('close', () => this.response.off('close', hangUp));
      upstream.on('error', reject);
      upstream.end(body);
    });
  }

  answer({ status, headers, body }: Reply): void {
    if (this.response.destroyed || this.response.headersSent) return;
    this.response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  }

  /** Ends the connection, with whatever is under way on it. */
  cut(): void {
    this.request.socket.destroy();
  }
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function toReply({ statusCode = 500, headers }: IncomingMessage, body: Buffer): Reply {
  const kept = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name));
  return { status: statusCode, headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])), body };
}
