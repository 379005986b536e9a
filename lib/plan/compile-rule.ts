import { type LintFinding, lintRecord } from '../context/lint-record.ts';
import { compileAnchored } from '../model/regexp.ts';
import type { Mistake } from '../rules/mistake.ts';
import type { AlertingRule, RecordingRule } from '../rules/rule-group.ts';
import { type ClassifiedExpr, classifyExpr } from './classify-expr.ts';
import type { MappingRule, MappingStep } from './plan.ts';

/** A rule and where it stands. */
export interface RuleSite {
  readonly pack: string;
  readonly strict: boolean;
  readonly file: string;
  readonly group: string;
  readonly rule: RecordingRule | AlertingRule;
}

/** A mapping, or the reasons why there is none. */
export interface CompiledRule {
  readonly mapping?: MappingRule;
  readonly mistakes: readonly Mistake[];
}

/** Compiles one rule. `relabelled` are the labels that relabel configs and scopes write before it runs. */
export function compileRule(site: RuleSite, relabelled: ReadonlySet<string>): CompiledRule {
  const { rule, file, pack, group, strict } = site;
  if (rule.kind === 'alerting') return refused(site, 'alert', `${rule.alert} is an alerting rule; ${NOT_EVALUATED}`);
  const classified = classifyExpr(rule.ast);
  if (classified.kind === 'derived') return refused(site, 'expr', derivedText(rule, classified));
  const { matchers, steps } = classified;
  const written = new Set([...relabelled, ...steps.flatMap(targetOf)]);
  const findings = [
    ...lintRecord({ record: rule.record, labels: rule.labels, written, strict }),
    ...steps.flatMap(stepFindings),
  ];
  const origin = { pack, file, line: rule.line, group };
  const mapping = { record: rule.record, expr: rule.expr, matchers, steps, labels: sortedLabels(rule.labels), origin };
  return { mapping, mistakes: findings.map(({ key, message }) => mistake(site, key, message)) };
}

const NOT_EVALUATED =
  'such rules are not evaluated yet: keep it in your Prometheus, or ask for its expression in a query';

function derivedText(
  { expr }: RecordingRule,
  { operation, offset }: Extract<ClassifiedExpr, { kind: 'derived' }>,
): string {
  const part = expr.slice(offset, offset + 60).replace(/\s+/g, ' ');
  return (
    `is a derived rule because of ${operation} at ${JSON.stringify(part)}; ${NOT_EVALUATED}. ` +
    'A rule that is evaluated is a selector, scaled by a constant or passed through label_replace or label_join'
  );
}

function refused(site: RuleSite, key: string, message: string): CompiledRule {
  return { mistakes: [mistake(site, key, message)] };
}

/** A label that came from the group has no line of its own in the rule. */
function mistake({ file, rule }: RuleSite, key: string, message: string): Mistake {
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

function sortedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
