import { isLegacyLabelName } from '../model/labels.ts';
import { compileAnchored } from '../model/regexp.ts';
import { RELABEL_ACTIONS, type RelabelAction, type RelabelConfig } from './relabel-config.ts';
import { parseTemplate } from './template.ts';

/** What is wrong with one key of a relabel config, and what to do about it. */
export interface RelabelProblem {
  readonly key: string;
  readonly message: string;
}

export type ParsedRelabelConfig =
  | { readonly config: RelabelConfig }
  | { readonly problems: readonly [RelabelProblem, ...RelabelProblem[]] };

/** What Prometheus fills in. */
export const RELABEL_DEFAULTS: RelabelConfig = {
  sourceLabels: [],
  separator: ';',
  targetLabel: '',
  regex: '(.*)',
  modulus: 0,
  replacement: '$1',
  action: 'replace',
};

/**
 * Reads one `relabel_config` as parsed from YAML, fills in defaults and holds it to what Prometheus demands of each
 * action. Numbers may come as digits in a string. Reports every mistake, not only the first.
 */
export function parseRelabelConfig(value: unknown): ParsedRelabelConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      problems: [{ key: '', message: 'must be a map with keys such as source_labels, regex, target_label and action' }],
    };
  }
  const given = value as Readonly<Record<string, unknown>>;
  const problems: RelabelProblem[] = unknownKeys(given);
  const config: RelabelConfig = {
    sourceLabels: readLabelNames(given, problems),
    separator: readText(given, 'separator', RELABEL_DEFAULTS.separator, problems),
    targetLabel: readText(given, 'target_label', RELABEL_DEFAULTS.targetLabel, problems),
    regex: readText(given, 'regex', RELABEL_DEFAULTS.regex, problems),
    modulus: readModulus(given, problems),
    replacement: readText(given, 'replacement', RELABEL_DEFAULTS.replacement, problems),
    action: readAction(given, problems),
  };
  if (problems.length === 0) problems.push(...regexProblems(config), ...actionProblems(config, given));
  const [first, ...rest] = problems;
  return first === undefined ? { config } : { problems: [first, ...rest] };
}

const KEYS = ['source_labels', 'separator', 'target_label', 'regex', 'modulus', 'replacement', 'action'];
const NEEDS_TARGET = new Set<RelabelAction>(['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal']);

/** Keys that an action would ignore, and that Prometheus therefore refuses beside it. */
const FORBIDDEN: Partial<Record<RelabelAction, readonly string[]>> = {
  lowercase: ['replacement'],
  uppercase: ['replacement'],
  keepequal: ['regex', 'modulus', 'separator', 'replacement'],
  dropequal: ['regex', 'modulus', 'separator', 'replacement'],
  labeldrop: ['source_labels', 'target_label', 'modulus', 'separator', 'replacement'],
  labelkeep: ['source_labels', 'target_label', 'modulus', 'separator', 'replacement'],
};

function unknownKeys(given: Readonly<Record<string, unknown>>): RelabelProblem[] {
  return Object.keys(given)
    .filter((key) => !KEYS.includes(key))
    .map((key) => ({ key, message: `is not a key of a relabel config; the keys are ${KEYS.join(', ')}` }));
}

function readText(
  given: Readonly<Record<string, unknown>>,
  key: string,
  fallback: string,
  problems: RelabelProblem[],
): string {
  const value = given[key];
  if (value === undefined) return fallback;
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  problems.push({ key, message: 'must be a string; quote it if it holds YAML characters' });
  return fallback;
}

function readLabelNames(given: Readonly<Record<string, unknown>>, problems: RelabelProblem[]): readonly string[] {
  const value = given['source_labels'];
  if (value === undefined || value === null) return [];
  const names: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  if (names.every((name): name is string => typeof name === 'string' && name !== '')) return names;
  problems.push({ key: 'source_labels', message: 'must be a list of label names, such as [__name__, uri]' });
  return [];
}

function readModulus(given: Readonly<Record<string, unknown>>, problems: RelabelProblem[]): number {
  const value = given['modulus'];
  if (value === undefined) return RELABEL_DEFAULTS.modulus;
  const modulus = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof modulus === 'number' && Number.isSafeInteger(modulus) && modulus >= 0) return modulus;
  problems.push({ key: 'modulus', message: `must be a whole number, got ${JSON.stringify(value)}` });
  return RELABEL_DEFAULTS.modulus;
}

function readAction(given: Readonly<Record<string, unknown>>, problems: RelabelProblem[]): RelabelAction {
  const value = given['action'];
  if (value === undefined) return RELABEL_DEFAULTS.action;
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  const action = RELABEL_ACTIONS.find((one) => one === name);
  if (action !== undefined) return action;
  const remedy = `use one of ${RELABEL_ACTIONS.join(', ')}`;
  problems.push({ key: 'action', message: `unknown action ${JSON.stringify(value)}; ${remedy}` });
  return RELABEL_DEFAULTS.action;
}

function regexProblems({ regex }: RelabelConfig): RelabelProblem[] {
  try {
    compileAnchored(regex);
    return [];
  } catch (error) {
    return [
      { key: 'regex', message: `${(error as Error).message} in ${JSON.stringify(regex)}; write it in RE2 syntax` },
    ];
  }
}

function actionProblems(config: RelabelConfig, given: Readonly<Record<string, unknown>>): RelabelProblem[] {
  const { action, targetLabel, replacement } = config;
  const problems = (FORBIDDEN[action] ?? [])
    .filter((key) => given[key] !== undefined)
    .map((key) => ({ key, message: `has no meaning for action ${action}; remove it` }));
  if (NEEDS_TARGET.has(action) && targetLabel === '') {
    problems.push({ key: 'target_label', message: `is required for action ${action}; name the label to write` });
  } else if (targetLabel !== '' && !isLabelTemplate(targetLabel, action === 'replace')) {
    problems.push({ key: 'target_label', message: `${JSON.stringify(targetLabel)} is not a label name` });
  }
  if (action === 'hashmod' && config.modulus === 0) {
    problems.push({ key: 'modulus', message: 'is required for action hashmod; give the number of shards' });
  }
  if (action === 'labelmap' && !isLabelTemplate(replacement, true)) {
    problems.push({ key: 'replacement', message: `${JSON.stringify(replacement)} does not make a label name` });
  }
  return problems;
}

/** A label name, in which references may stand where the action expands them. */
function isLabelTemplate(text: string, expands: boolean): boolean {
  if (!expands || !parseTemplate(text).hasReferences) return isLegacyLabelName(text);
  return isLegacyLabelName(text.replace(/\$(\{\w+\}|\w+)/g, '_'));
}
