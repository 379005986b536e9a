import { compilePlan } from '../../lib/plan/compile-plan.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import type { Pack } from '../../lib/rules/pack.ts';
import { parseRelabelFile } from '../../lib/rules/parse-relabel-file.ts';
import { parseRuleFile } from '../../lib/rules/parse-rule-file.ts';

/** A pack of one rule file and one relabel file, given as text. */
export function packOf(rules: string, relabelConfigs = '[]', strict = false): Pack {
  return {
    name: 'test',
    description: '',
    strict,
    ruleFiles: [parseRuleFile('rules.yml', rules)],
    relabelFiles: [parseRelabelFile('relabel.yml', `relabel_configs: ${relabelConfigs}`)],
  };
}

/** A plan of rules written as `record = expr` or `record{label="value"} = expr`, one a line. */
export function planOf(lines: string, relabelConfigs = '[]'): Plan {
  return compilePlan({ packs: [packOf(rulesOf(lines), relabelConfigs)] });
}

export function rulesOf(lines: string): string {
  const rules = lines
    .trim()
    .split('\n')
    .map((line) => {
      const [, record = '', labels = '', expr = ''] = /^\s*([\w:]+)(?:\{(.*?)\})?\s+=\s+(.*)$/.exec(line) ?? [];
      const map = labels.replaceAll('=', ': ');
      return `      - {record: ${JSON.stringify(record)}, expr: ${JSON.stringify(expr)}, labels: {${map}}}`;
    });
  return `groups:\n  - name: test\n    rules:\n${rules.join('\n')}\n`;
}

export const SCOPE = { env: { labels: ['env'], default: 'dev' }, site: { labels: ['region'] } };
