import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocal } from '../local/start.ts';

/**
 * The whole stack as a process of its own: receiver, queue, worker, store, evaluator and compactor. Says its address to the
 * parent; profiles itself from the first message to the second, whose text names the file to write.
 */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
const data = mkdtempSync(join(tmpdir(), 'tributary-bench-stack-'));
const config = fileURLToPath(new URL('../tributary.yml', import.meta.url));
const server = await startLocal({ config, data, port: 0, log: (line) => console.error(line) });
const session = new Session();
session.connect();
process.send?.({ url: server.url, token: server.token });

let isProfiling = false;
process.on('message', async (file: string) => {
  if (!isProfiling) {
    isProfiling = true;
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 1000 });
    await session.post('Profiler.start');
    return;
  }
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(file, JSON.stringify(profile));
  process.send?.({ file });
});
process.on('disconnect', () => {
  rmSync(data, { recursive: true, force: true });
  process.exit();
});
