import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Child, freePort } from '../e2e/child.ts';
import { FaultProxy } from './fault-proxy.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { StackChildOptions } from './stack-child.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The local stack in a process that can be killed, with a faulty network around it: between senders and its HTTP API,
 * between its functions and the queue, and between its functions and the store.
 */
export class FaultyStack {
  readonly proxies: Readonly<Record<'http' | 'sqs' | 'dynamodb', FaultProxy>>;
  /** Without faults: for who wants to look. */
  readonly url: string;
  kills = 0;
  readonly #options: StackChildOptions;
  readonly #control: Server;
  #child: Child | undefined;
  #isStarting = false;

  private constructor(proxies: FaultyStack['proxies'], options: StackChildOptions, control: Server) {
    this.proxies = proxies;
    this.#options = options;
    this.#control = control;
    this.url = `http://127.0.0.1:${options.port}`;
    proxies.http.upstream = this.url;
  }

  static async open(options: Pick<StackChildOptions, 'config' | 'data'>, random: () => number): Promise<FaultyStack> {
    const [http, sqs, dynamodb] = [
      await FaultProxy.open(random),
      await FaultProxy.open(random),
      await FaultProxy.open(random),
    ];
    const proxies = { http, sqs, dynamodb };
    const control = createServer(async (request, response) => {
      const proxy = request.url === '/sqs' ? sqs : dynamodb;
      proxy.upstream = await text(request);
      response.end(proxy.url);
    });
    await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
    const { port } = control.address() as AddressInfo;
    const all = { ...options, port: await freePort(), control: `http://127.0.0.1:${port}` };
    return new FaultyStack(proxies, all, control);
  }

  /** Resolves when it answers. Until then there are no faults. */
  async start(): Promise<void> {
    this.calm();
    this.#isStarting = true;
    const script = fileURLToPath(new URL('stack-child.ts', import.meta.url));
    const args = ['--import', 'tsx', script, JSON.stringify(this.#options)];
    this.#child = new Child(process.execPath, args, { cwd: root });
    await this.#child.answers(`${this.url}/-/ready`, 60_000);
    this.#isStarting = false;
  }

  /** As the kernel does it, in the middle of whatever is under way. */
  async kill(): Promise<void> {
    this.kills++;
    await this.#child?.end('SIGKILL');
  }

  get output(): string {
    return this.#child?.output ?? '';
  }

  /** Arms one fault of any kind, somewhere. */
  disturb(random: () => number): void {
    if (this.#isStarting) return;
    const where = Object.values(this.proxies)[Math.floor(random() * 3)];
    const kind = FAULT_KINDS[Math.floor(random() * FAULT_KINDS.length)];
    if (where !== undefined && kind !== undefined) where.arm(kind);
  }

  calm(): void {
    for (const proxy of Object.values(this.proxies)) proxy.calm();
  }

  /** How often each kind happened, all places together. */
  get injected(): ReadonlyMap<FaultKind, number> {
    const sum = new Map<FaultKind, number>();
    for (const { injected } of Object.values(this.proxies)) {
      for (const [kind, count] of injected) sum.set(kind, (sum.get(kind) ?? 0) + count);
    }
    return sum;
  }

  async close(): Promise<void> {
    await this.#child?.end('SIGKILL');
    for (const proxy of Object.values(this.proxies)) await proxy.close();
    this.#control.close();
  }
}
