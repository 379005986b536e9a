import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PrometheusScriptEngine } from './differential/prometheus-script-engine.ts';
import { parseScript } from './script/parse-script.ts';
import { type Outcome, runScript, type ScriptEngine } from './script/run-script.ts';
import { engineFor } from './script/script-engine.ts';

const USAGE = `usage: npm run conformance -- [options] DIR|FILE…

Runs PromQL test scripts against the engine.
  --file WORD            only files whose name contains WORD
  --failures N           show at most N failures of a file (default 3)
  --only-failures        say nothing of files without failures
  --no-native-histograms skip what needs native histograms
  --prometheus BINARY    put the scripts to a real Prometheus instead (floats only), to test scripts and runner`;

/** What Prometheus 3.5 needs for most of its successors' scripts. */
const FLAGS = ['--enable-feature=promql-experimental-functions,promql-delayed-name-removal,promql-duration-expr'];

interface FileReport {
  readonly file: string;
  readonly outcomes: readonly Outcome[];
  /** The script itself is wrong; counts as one failure. */
  readonly error?: string;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      file: { type: 'string', default: '' },
      failures: { type: 'string', default: '3' },
      'only-failures': { type: 'boolean', default: false },
      'no-native-histograms': { type: 'boolean', default: false },
      prometheus: { type: 'string' },
    },
  });
  const files = positionals.flatMap(scriptFiles).filter((file) => basename(file).includes(values.file));
  if (files.length === 0) {
    console.error(positionals.length === 0 ? USAGE : `no .test files in ${positionals.join(', ')}`);
    return 2;
  }
  const reports: FileReport[] = [];
  const prometheus = values.prometheus === undefined ? undefined : new PrometheusScriptEngine(values.prometheus, FLAGS);
  const nativeHistograms = !values['no-native-histograms'] && prometheus === undefined;
  for (const file of files) {
    const report = await runFile(file, prometheus, nativeHistograms);
    reports.push(report);
    if (!values['only-failures'] || failed(report) > 0) print(report, Number(values.failures));
  }
  await prometheus?.stop();
  const count = (status: Outcome['status']) => reports.reduce((sum, report) => sum + countOf(report, status), 0);
  const failures = reports.reduce((sum, report) => sum + failed(report), 0);
  console.log(`${count('passed')} passed, ${failures} failed, ${count('skipped')} skipped`);
  return failures > 0 ? 1 : 0;
}

function scriptFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith('.test'));
  return names.sort().map((name) => join(path, name));
}

async function runFile(file: string, engine: ScriptEngine | undefined, nativeHistograms: boolean): Promise<FileReport> {
  const outcomes: Outcome[] = [];
  try {
    const script = parseScript(file, readFileSync(file, 'utf8'));
    for await (const outcome of runScript(script, engine ?? engineFor(script), { nativeHistograms }))
      outcomes.push(outcome);
    return { file, outcomes };
  } catch (error) {
    return { file, outcomes, error: (error as Error).message };
  }
}

function print(report: FileReport, limit: number): void {
  console.log(
    `${report.file}: ${countOf(report, 'passed')} passed, ${failed(report)} failed, ${countOf(report, 'skipped')} skipped`,
  );
  if (report.error !== undefined) console.log(`  the script cannot be run to its end: ${report.error}`);
  const failures = report.outcomes.filter((outcome) => outcome.status === 'failed');
  for (const outcome of failures.slice(0, limit)) printFailure(outcome);
  if (failures.length > limit) console.log(`  … and ${failures.length - limit} more`);
  const reasons = new Set(report.outcomes.flatMap((outcome) => (outcome.status === 'skipped' ? [outcome.reason] : [])));
  for (const reason of reasons) console.log(`  skipped: ${reason}`);
}

function printFailure(outcome: Outcome): void {
  console.log(`  ${outcome.file}:${outcome.line}: ${outcome.expression}`);
  console.log(`    ${outcome.reason}`);
  console.log(`    expected: ${indent(outcome.expected)}`);
  if (outcome.got !== '') console.log(`    got:      ${indent(outcome.got)}`);
}

function indent(text: string): string {
  const lines = text.split('\n');
  const shown = lines.length > 12 ? [...lines.slice(0, 12), `… ${lines.length - 12} more`] : lines;
  return shown.map((line) => (line.length > 400 ? `${line.slice(0, 400)}…` : line)).join('\n              ');
}

function countOf(report: FileReport, status: Outcome['status']): number {
  return report.outcomes.filter((outcome) => outcome.status === status).length;
}

function failed(report: FileReport): number {
  return countOf(report, 'failed') + (report.error === undefined ? 0 : 1);
}
