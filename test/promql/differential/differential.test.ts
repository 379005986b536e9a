import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPrometheus, PrometheusServer } from './prometheus-server.ts';
import { runDifferential } from './run-differential.ts';

/** `PROMETHEUS_BIN=/path/a:/path/b DIFFERENTIAL_QUERIES=5000 DIFFERENTIAL_SEED=7 npx vitest run test/promql/differential` */
const BINARIES = (process.env.PROMETHEUS_BIN ?? 'prometheus').split(':');
const QUERIES = Number(process.env.DIFFERENTIAL_QUERIES ?? 600);
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_240_101);

describe.each(BINARIES)('against a real Prometheus, %s', (binary) => {
  const found = findPrometheus(binary);
  if (found === undefined) {
    console.warn(`skipped: the differential test needs a Prometheus; ${binary} cannot be run (set PROMETHEUS_BIN)`);
    it.skip(`needs ${binary}, which cannot be run`, () => {});
    return;
  }
  let server: PrometheusServer;
  beforeAll(async () => {
    const experimental = found.version.startsWith('3.') ? ['--enable-feature=promql-experimental-functions'] : [];
    server = await PrometheusServer.start(binary, experimental);
  }, 60_000);
  afterAll(() => server.stop());

  it(`answers ${QUERIES} generated queries as Prometheus ${found.version} does`, async () => {
    const report = await runDifferential(server, found.version, SEED, QUERIES);
    expect(report.mismatches.join('\n')).toBe('');
    expect(report.compared).toBe(QUERIES);
    // A comparison of empty answers and refusals would prove little.
    expect(report.filled).toBeGreaterThan(QUERIES * 0.6);
    expect(report.refused).toBeLessThan(QUERIES * 0.15);
    console.info(
      `Prometheus ${found.version}: ${report.compared} queries, ${report.filled} with points, ` +
        `${report.refused} refused by both, ${report.excused.length} excused by known differences`,
    );
  }, 600_000);
});
