import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Exchange, type Reply } from './exchange.ts';
import { FAULTS, type Fault, type FaultKind, type Others } from './faults.ts';

/**
 * Stands between clients and a server and makes faults: each that is armed happens to the next request that it can
 * happen to. Everything else passes unchanged, the Host header included.
 */
export class FaultProxy {
  readonly url: string;
  /** Base URL of the server behind; while there is none, connections are cut. */
  upstream: string | undefined;
  /** Called with every exchange before anything else. What it returns happens instead of the armed faults. */
  onExchange: ((exchange: Exchange) => Fault | undefined) | undefined;
  /** Told of every answer of the server behind, whatever becomes of it afterwards. */
  onReply: ((action: string, reply: Reply) => void) | undefined;
  /** How often each kind happened. */
  readonly injected = new Map<FaultKind, number>();
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  #armed: FaultKind[] = [];

  private constructor(server: Server, random: () => number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const exchange = new Exchange(request, response, this.upstream, random, this.onReply);
      this.#exchange(exchange).catch(() => exchange.cut());
    });
  }

  static async open(random: () => number): Promise<FaultProxy> {
    const server = createServer();
    server.keepAliveTimeout = 65_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FaultProxy(server, random);
  }

  /** A kind that waits already does not wait twice: faults that nothing can happen to must not pile up. */
  arm(kind: FaultKind): void {
    if (!this.#armed.includes(kind)) this.#armed.push(kind);
  }

  /** Nothing that is armed happens any more. */
  calm(): void {
    this.#armed = [];
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #exchange(exchange: Exchange): Promise<void> {
    const own = this.onExchange?.(exchange);
    const kind = own === undefined ? this.#next(exchange.action) : undefined;
    if (this.upstream === undefined) return exchange.cut();
    try {
      const fault = own ?? (kind === undefined ? undefined : FAULTS[kind]);
      if (fault === undefined) exchange.answer(await exchange.forward());
      else await fault.happen(exchange, this.#others(exchange));
    } finally {
      for (const wake of [...this.#waiting]) wake();
    }
  }

  #next(action: string): FaultKind | undefined {
    const index = this.#armed.findIndex((kind) => (FAULTS[kind] as Fault).concerns?.(action) ?? true);
    if (index < 0) return undefined;
    const [kind] = this.#armed.splice(index, 1);
    if (kind !== undefined) this.injected.set(kind, (this.injected.get(kind) ?? 0) + 1);
    return kind;
  }

  #others({ response }: Exchange): Others {
    return {
      next: (timeoutMs) =>
        new Promise((resolve) => {
          const wake = () => {
            clearTimeout(timer);
            this.#waiting.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, timeoutMs);
          this.#waiting.add(wake);
          response.once('close', wake);
        }),
    };
  }
}
