import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CpuProfile } from './flame-graph.ts';
import { cpuSeconds } from './intake-peers.ts';
import type { StackMemory, StackRequest } from './sustained-stack.ts';

type FromStack =
  | { readonly url: string; readonly token: string }
  | { readonly fault: string }
  | { readonly answer: unknown };

/** The local stack in a process of its own, seen from outside. */
export class StackProcess {
  readonly url: string;
  readonly token: string;
  /** What it would have logged so far. */
  readonly faults: readonly string[];
  readonly #child: ChildProcess;
  /** Who waits for answers, which come in order. */
  readonly #waiting: ((answer: unknown) => void)[] = [];

  private constructor(child: ChildProcess, address: { url: string; token: string }, faults: string[]) {
    this.#child = child;
    this.url = address.url;
    this.token = address.token;
    this.faults = faults;
    child.on('message', (message: FromStack) => {
      if ('answer' in message) this.#waiting.shift()?.(message.answer);
    });
  }

  /** @throws Error when it ends before it listens. */
  static start(): Promise<StackProcess> {
    const child = fork(join(import.meta.dirname, 'sustained-stack.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, '--expose-gc'],
    });
    const faults: string[] = [];
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the local stack ended with code ${code}`)));
      child.on('message', (message: FromStack) => {
        if ('fault' in message) faults.push(message.fault);
        else if ('url' in message) resolve(new StackProcess(child, message, faults));
      });
    });
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.#child.pid ?? 0);
  }

  /** Resident memory, bytes: pages of 4 KiB. */
  get rss(): number {
    return Number(readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  }

  /** What it holds after a garbage collection. */
  async memory(): Promise<StackMemory> {
    return (await this.#ask({ ask: 'memory' })) as StackMemory;
  }

  /** Where its CPU time goes from now on until the function it answers is called. */
  async profile(): Promise<() => Promise<CpuProfile>> {
    await this.#ask({ ask: 'start-profile' });
    return async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-profile-'));
      try {
        const file = join(folder, 'stack.cpuprofile');
        await this.#ask({ ask: 'end-profile', file });
        return JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    };
  }

  stop(): void {
    this.#child.disconnect();
  }

  #ask(request: StackRequest): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child.send(request);
    });
  }
}
