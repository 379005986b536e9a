import { describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { newUsage } from '../../lib/storage/usage.ts';
import { apiOf, NOW } from '../api/fixture.ts';
import { serveApi } from './serve-api.ts';

const DAY = 86_400_000;

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await program(args), out, err };
}

describe('tributary cost', () => {
  it('prints a bill', async () => {
    const { code, out } = await run('cost', '--series', '10000', '--interval', '30', '--selected', '20');
    expect([code, out]).toEqual([0, expect.stringContaining('10 k active series every 30 s, 20 % selected')]);
  });

  it('prints it as JSON', async () => {
    const bill = JSON.parse((await run('cost', '--json')).out);
    expect(bill.workload.activeSeries).toBe(100_000);
    expect(bill.total).toBeGreaterThan(0);
  });

  it('prints what a running deployment took, term by term, and a month at that rate', async () => {
    const usage = new MemoryLedger();
    const taken = { ...newUsage(), writeUnits: 8e6, seconds: 10_000 };
    await usage.recordUsage('acme', { id: 'a', timestamp: NOW - DAY, usage: { contextualize: taken } });
    const server = await serveApi(apiOf({ usage }));
    try {
      const { code, out } = await run('cost', '--live', '--url', server.url, '--window', '2d');
      expect(code).toBe(0);
      const lines = out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
      expect(lines).toEqual([
        expect.stringMatching(/^from 2026-11-21 11:00 to 2026-11-22 .*, list prices of us-east-1 read on \d{4}-/),
        '',
        ' | contextualize compute (estimate) | 10,000 GB-seconds | at $ 13.3334 a million | $ 0.13',
        ' | contextualize writes | 8,000,000 write units | at $ 0.625 a million | $ 5.00',
        '',
        expect.stringMatching(/^ \| total \$ 5.13; at this rate \$ 1[45]\d\.\d\d a month of 30 days$/),
        '',
      ]);
      const json = JSON.parse((await run('cost', '--live', '--json', '--url', server.url)).out);
      expect(json.total).toBeCloseTo(5.13333, 4);
      const refused = await run('cost', '--live', '--url', server.url, '--window', 'soon');
      expect([refused.code, refused.out]).toEqual([1, '']);
      expect(refused.err).toContain('invalid parameter "window"');
    } finally {
      server.close();
    }
  });

  it.each([
    ['--series', 'many'],
    ['--interval', '0'],
    ['--selected', '101'],
  ])('refuses %s %s', async (option, value) => {
    const { code, out, err } = await run('cost', option, value);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(option);
  });
});
