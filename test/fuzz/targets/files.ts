import { parseConfig } from '../../../lib/config/parse-config.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { parseExpr } from '../../../lib/promql/parse.ts';
import { compileRelabelConfigs } from '../../../lib/relabel/relabel.ts';
import { MistakesError } from '../../../lib/rules/mistake.ts';
import { parseRelabelFile } from '../../../lib/rules/parse-relabel-file.ts';
import { parseRuleFile } from '../../../lib/rules/parse-rule-file.ts';
import type { RuleFile } from '../../../lib/rules/rule-group.ts';
import { parseSignalsFile } from '../../../lib/rules/signals/parse-signals-file.ts';
import { asText, type FuzzTarget, readCorpus } from '../fuzz-target.ts';

const YAML = [
  ...[
    ': ',
    '- ',
    '? ',
    '&a ',
    '*a',
    '*rules',
    '<<: *a',
    '!!binary ',
    '!!set',
    '!!js/function x',
    '!<tag:x>',
    '|\n',
    '>-',
  ],
  ...['---\n', '...\n', '%YAML 1.1\n', '{', '}', '[', ']', ', ', '"', "'", '#', '\t', '  ', '\n', '~', '.inf', '0o7'],
  ...['2026-01-01', '1e3', '${env:HOME}', '${env:X, closed}', '${ssm:/a}', '${', 'name', 'null: null', '"\\x00"'],
];

const HOSTILE_SERIES = [
  { __name__: 'http_requests_total', uri: `/api/${'a/'.repeat(200)}`, code: '500', instance: 'a:1', job: 'ßΣİ' },
  { __name__: 'x', meta___proto__: '1', meta_constructor: '2', tmp_a: '\u0000\r\n', job: '😀'.repeat(50) },
].map((labels) => Labels.fromMap(new Map(Object.entries(labels))));

/** The files that people write, and what is made of them right away. */
export const FILE_TARGETS: readonly FuzzTarget[] = [
  file('tributary.yml', 'config', ['tenants:', 'sources:', 'type: query', 'scope:', 'packs: [a]', 'servers:'], (text) =>
    parseConfig('fuzz.yml', text, { environment: { READ_TOKEN: '0'.repeat(64) } }),
  ),
  file('rule file', 'rules', ['groups:', 'rules:', 'expr: up', 'record: a', 'alert: A', 'for: 5m'], (text) =>
    checkRules(parseRuleFile('fuzz.yml', text)),
  ),
  file(
    'relabel file',
    'relabel',
    ['relabel_configs:', 'regex: (a*)*', 'action: hashmod', 'replacement: $1'],
    (text) => {
      const relabel = compileRelabelConfigs(parseRelabelFile('fuzz.yml', text).configs.map(({ config }) => config));
      for (const series of HOSTILE_SERIES) relabel(series);
    },
  ),
  file(
    'signals file',
    'signals',
    ['signals:', 'kind: info', 'metric: up', "context: ['{a}']", 'type: gauge'],
    (text) => {
      const { ruleFile, relabelFile } = parseSignalsFile('fuzz.yml', text);
      checkRules(ruleFile);
      const relabel = compileRelabelConfigs(relabelFile.configs.map(({ config }) => config));
      for (const series of HOSTILE_SERIES) relabel(series);
    },
  ),
];

function file(name: string, folder: string, words: readonly string[], parse: (text: string) => unknown): FuzzTarget {
  return {
    name,
    corpus: readCorpus(folder),
    words: [...YAML, ...words],
    refusals: [MistakesError],
    run: (input) => {
      try {
        parse(asText(input));
      } catch (error) {
        if (error instanceof MistakesError) checkMistakes(error);
        throw error;
      }
    },
  };
}

/** What was taken must be what the evaluator can read. */
function checkRules({ groups }: RuleFile): void {
  for (const { rules } of groups) for (const { expr } of rules) if (typeof expr === 'string') parseExpr(expr);
}

/** Every mistake must say something. */
function checkMistakes({ mistakes }: MistakesError): void {
  if (mistakes.length === 0) throw new Error('refused without a mistake');
  const mute = mistakes.find(({ message, line }) => message.trim() === '' || !(line >= 0));
  if (mute !== undefined) throw new Error(`a mistake says nothing: ${JSON.stringify(mute)}`);
}
