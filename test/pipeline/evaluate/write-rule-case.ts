import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStaleNaN } from '../../../lib/model/stale-marker.ts';
import type { RuleCase } from './promtool-cases.ts';
import { load, planOfRules, RuleBench } from './run-rules.ts';

const MINUTE = 60_000;

/**
 * Runs a case with our evaluator and writes what it gave into `folder`, as what promtool shall expect.
 *
 * @returns the test file; its rules stand beside it.
 */
export async function writeRuleCase(
  folder: string,
  seed: number,
  { groups, input, alerts, expressions, times }: RuleCase,
  change = (text: string) => text,
): Promise<string> {
  const rules = `groups:\n${groups
    .map((list, i) => `  - name: g${i}\n    rules:\n${list.map((rule) => `      - ${rule}\n`).join('')}`)
    .join('')}`;
  const bench = new RuleBench(planOfRules(rules));
  await load(bench.storage, input);
  const expected: string[] = [];
  const alertTests: string[] = [];
  const exprTests: string[] = [];
  for (const minute of times) {
    await bench.evaluateTo(minute * MINUTE);
    const active = await bench.alerts();
    for (const name of alerts) {
      const firing = active.filter(({ state, labels }) => state === 'firing' && labels['alertname'] === name);
      const lines = firing.map(({ labels: { alertname: _, ...labels }, annotations }) =>
        JSON.stringify({ exp_labels: labels, exp_annotations: annotations }),
      );
      alertTests.push(`{eval_time: ${minute}m, alertname: ${name}, exp_alerts: [${lines.join(', ')}]}`);
    }
    for (const expr of expressions) {
      const samples = (await bench.ask(expr, minute * MINUTE)).map((line) => {
        const at = line.lastIndexOf(' = ');
        return `{labels: ${JSON.stringify(line.slice(0, at))}, value: ${line.slice(at + 3)}}`;
      });
      exprTests.push(`{expr: ${JSON.stringify(expr)}, eval_time: ${minute}m, exp_samples: [${samples.join(', ')}]}`);
    }
  }
  expected.push(
    'tests:',
    '  - interval: 1m',
    `    input_series: [${Object.entries(input)
      .map(([name, values]) => inputSeries(name, values))
      .join(', ')}]`,
    `    alert_rule_test:${alertTests.length === 0 ? ' []' : ''}`,
    ...alertTests.map((test) => `      - ${test}`),
    '    promql_expr_test:',
    ...exprTests.map((test) => `      - ${test}`),
  );
  writeFileSync(join(folder, `rules${seed}.yml`), rules);
  const file = join(folder, `test${seed}.yml`);
  writeFileSync(file, change(`rule_files: [rules${seed}.yml]\nevaluation_interval: 1m\n${expected.join('\n')}\n`));
  return file;
}

function inputSeries(name: string, values: readonly (number | undefined)[]): string {
  const words = values.map((value) => (value === undefined ? '_' : isStaleNaN(value) ? 'stale' : String(value)));
  return `{series: ${JSON.stringify(name)}, values: "${words.join(' ')}"}`;
}
