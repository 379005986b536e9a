import { describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';

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
