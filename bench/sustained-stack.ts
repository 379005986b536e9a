import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocal } from '../local/start.ts';

/** What the parent asks for; each is answered by one message. */
export type StackRequest =
  | { readonly ask: 'memory' }
  | { readonly ask: 'start-profile' }
  | { readonly ask: 'end-profile'; readonly file: string };

export interface StackMemory {
  /** Of what is still reachable, bytes. */
  readonly heap: number;
  readonly buffers: number;
}

/**
 * The whole stack as a process of its own: receiver, queue, worker, store, evaluator and compactor. Says its address to
 * the parent, and every fault that it would log.
 */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
const data = mkdtempSync(join(tmpdir(), 'tributary-bench-stack-'));
const config = fileURLToPath(new URL('../tributary.yml', import.meta.url));
const tell = (message: object) => process.send?.(message);
const server = await startLocal({ config, data, port: 0, log: (fault) => tell({ fault }) });
const session = new Session();
session.connect();
tell({ url: server.url, token: server.token });

process.on('message', async (request: StackRequest) => tell({ answer: await answer(request) }));
process.on('disconnect', () => {
  rmSync(data, { recursive: true, force: true });
  process.exit();
});

async function answer(request: StackRequest): Promise<object> {
  if (request.ask === 'memory') return memory();
  if (request.ask === 'start-profile') {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 1000 });
    await session.post('Profiler.start');
    return {};
  }
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(request.file, JSON.stringify(profile));
  return {};
}

function memory(): StackMemory {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}
