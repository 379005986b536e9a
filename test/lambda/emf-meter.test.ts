import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EmfMetric } from '../../lib/lambda/emf.ts';
import { EmfMeter } from '../../lib/lambda/emf-meter.ts';

const count = (name: string, value: number): EmfMetric => ({ name, unit: 'Count', value });

describe('EmfMeter', () => {
  it('writes with the first invocation of an instance, then the sum of each minute', () => {
    const { meter, lines, at } = open();
    meter.add([count('Requests', 1), count('Samples', 10)]);
    expect(lines).toEqual([{ Requests: 1, Samples: 10 }]);
    at(59_999);
    meter.add([count('Requests', 1), count('Samples', 5)]);
    meter.add([count('Requests', 1), count('Refused', 2)]);
    expect(lines).toHaveLength(1);
    at(60_000);
    meter.add([count('Requests', 1)]);
    expect(lines.slice(1)).toEqual([{ Requests: 3, Samples: 5, Refused: 2 }]);
  });

  it('writes what is urgent at once, with all that waits, and counts nothing twice', () => {
    const { meter, lines } = open();
    meter.add([count('Requests', 1)]);
    meter.add([count('Requests', 1)]);
    meter.add([count('Requests', 1), count('ServerFaults', 1)], true);
    expect(lines).toEqual([{ Requests: 1 }, { Requests: 2, ServerFaults: 1 }]);
    meter.flush();
    expect(lines).toHaveLength(2);
  });

  it('writes what waits when its instance ends', () => {
    const { meter, lines } = open();
    meter.add([count('Requests', 1)]);
    meter.add([count('Requests', 4)]);
    meter.flush();
    expect(lines).toEqual([{ Requests: 1 }, { Requests: 4 }]);
  });
});

describe('the meter of an instance', () => {
  it('loses nothing where the end of the instance is announced', async () => {
    const instance = fileURLToPath(new URL('./lambda-instance.ts', import.meta.url));
    const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url));
    const env = { ...process.env, AWS_LAMBDA_FUNCTION_NAME: 'receiver' };
    const child = spawn(process.execPath, ['--import', tsx, instance], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      if (lines.push(...chunk.toString().trim().split('\n')) === 1) child.kill('SIGTERM');
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(lines.map((line) => JSON.parse(line)).map(({ FunctionName, Requests }) => [FunctionName, Requests])).toEqual(
      [
        ['receiver', 1],
        ['receiver', 41],
      ],
    );
  }, 20_000);
});

function open() {
  let now = 0;
  const lines: Record<string, number>[] = [];
  const write = (metrics: readonly EmfMetric[]) =>
    lines.push(Object.fromEntries(metrics.map(({ name, value }) => [name, value])));
  const at = (time: number) => {
    now = time;
  };
  return { meter: new EmfMeter({ now: () => now, write }), lines, at };
}
