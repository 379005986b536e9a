import { type LintFinding, lintRecord } from '../context/lint-record.ts';
import { Matcher } from '../model/matcher.ts';
import { compileAnchored } from '../model/regexp.ts';
import type { Mistake } from '../rules/mistake.ts';
import type { AlertingRule, RecordingRule } from '../rules/rule-group.ts';
import { mappingExpr } from './mapping-expr.ts';
import type { MappingRule, MappingStep, MatcherSpec } from './plan.ts';
import { selectedNames } from './recorded-series.ts';

/** A rule and where it stands. */
export interface RuleSite {
  readonly pack: string;
  readonly strict: boolean;
  readonly file: string;
  readonly group: string;
  readonly rule: RecordingRule | AlertingRule;
}

/** A mapping, or nothing where the rule has to be evaluated over the store; and what is wrong with it. */
export interface CompiledRule {
  readonly mapping?: MappingRule;
  readonly mistakes: readonly Mistake[];
}

/**
 * Compiles one rule as a mapping rule where it is one. `relabelled` are the labels that relabel configs and scopes write
 * before it runs; `recorded` tells whether a metric name is the record of some other rule, which only the store knows.
 */
export function compileRule(
  site: RuleSite,
  relabelled: ReadonlySet<string>,
  recorded: (name: string, by: RuleSite) => boolean,
): CompiledRule {
  const { rule, file, pack, group, strict } = site;
  if (rule.kind === 'alerting') return { mistakes: [] };
  const mapped = mappingExpr(rule.ast);
  if (mapped === undefined) return { mistakes: [] };
  const { matchers, steps } = mapped;
  const names = selectedNames(toMatchers(matchers)) ?? [];
  if (names.length > 0 && names.every((name) => recorded(name, site))) return { mistakes: [] };
  const written = new Set([...relabelled, ...steps.flatMap(targetOf)]);
  const findings = [
    ...lintRecord({ record: rule.record, labels: rule.labels, written, strict }),
    ...steps.flatMap(stepFindings),
  ];
  const origin = { pack, file, line: rule.line, group };
  const mapping = { record: rule.record, expr: rule.expr, matchers, steps, labels: sortedLabels(rule.labels), origin };
  return { mapping, mistakes: findings.map(({ key, message }) => ruleMistake(site, key, message)) };
}

function toMatchers(specs: readonly MatcherSpec[]): readonly Matcher[] {
  return specs.map(({ type, name, value }) => new Matcher(type, name, value));
}

/** A label that came from the group has no line of its own in the rule. */
export function ruleMistake({ file, rule }: RuleSite, key: string, message: string): Mistake {
  const line = rule.lines[key] ?? rule.lines[key.split('.')[0] ?? ''] ?? rule.line;
  return { file, line, key, message };
}

function targetOf(step: MappingStep): string[] {
  return 'targetLabel' in step ? [step.targetLabel] : [];
}

/** What Prometheus would find out only when it evaluates the rule. */
function stepFindings(step: MappingStep): LintFinding[] {
  if (!('targetLabel' in step)) return [];
  const findings: LintFinding[] = [];
  if (step.targetLabel === '') findings.push({ key: 'expr', message: `${step.kind} writes to a label without a name` });
  if (step.kind === 'label_replace') {
    try {
      compileAnchored(step.regex);
    } catch (error) {
      findings.push({ key: 'expr', message: `label_replace: ${(error as Error).message}; write it in RE2 syntax` });
    }
  }
  return findings;
}

/** Equal labels are written equally. */
export function sortedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
