import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { remoteWrite } from '../../functions/remote-write.ts';
import type { IntakeDependencies } from '../../lib/pipeline/remote-write.ts';

/** The receiver's function behind a real socket: HTTP requests become the events that API Gateway would send. */
export class LocalReceiver {
  readonly #server: Server;
  #requests = 0;

  constructor(dependencies: IntakeDependencies) {
    this.#server = createServer((request, response) => {
      this.#answer(request, response, dependencies).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v1/write`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse, dependencies: IntakeDependencies): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.#requests++;
    const result = await remoteWrite(eventOf(request, Buffer.concat(chunks), `r${this.#requests}`), dependencies);
    response.writeHead(result.statusCode ?? 500, result.headers as Record<string, string>);
    response.end(result.body);
  }
}

function eventOf(request: IncomingMessage, body: Buffer, requestId: string): APIGatewayProxyEventV2 {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split('?');
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return {
    version: '2.0',
    routeKey: 'POST /api/v1/write',
    rawPath,
    rawQueryString,
    headers,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: '',
      },
      requestId,
      routeKey: 'POST /api/v1/write',
      stage: '$default',
      time: '',
      timeEpoch: Date.now(),
    },
    body: body.toString('base64'),
    isBase64Encoded: true,
  };
}
