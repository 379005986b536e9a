import { formatDuration } from '../promql/duration.ts';
import type { DerivedGroup, DerivedRule, Plan } from './plan.ts';

/**
 * Groups of rules as one Prometheus rule file: those of a plan, for a Prometheus, promtool or ruler that has the same
 * contextualized series. Labels of groups stand in their rules, so that versions before 3.0 can read it.
 */
export function writeRuleFile({ version, derived }: Pick<Plan, 'version' | 'derived'>): string {
  const head = `# Made by \`tributary export\` from plan ${version}. Make it again when rules change.\n`;
  if (derived.length === 0) return `${head}groups: []\n`;
  return `${head}groups:\n${derived.map((group) => groupText(group, derived)).join('')}`;
}

function groupText(group: DerivedGroup, all: readonly DerivedGroup[]): string {
  const { interval, queryOffset, limit, rules } = group;
  const lines = [
    `  - name: ${JSON.stringify(nameOf(group, all))}`,
    ...(interval === undefined ? [] : [`    interval: ${formatDuration(interval)}`]),
    ...(queryOffset === undefined ? [] : [`    query_offset: ${formatDuration(queryOffset)}`]),
    ...(limit === 0 ? [] : [`    limit: ${limit}`]),
    '    rules:',
  ];
  return `${lines.join('\n')}\n${rules.map(ruleText).join('')}`;
}

/** Group names are unique in a file only; those of several files are kept apart by the file's name. */
function nameOf({ name, file }: DerivedGroup, all: readonly DerivedGroup[]): string {
  return all.filter((group) => group.name === name).length > 1 ? `${file}: ${name}` : name;
}

/** JSON strings are YAML strings. */
function ruleText(rule: DerivedRule): string {
  const name = rule.kind === 'recording' ? `record: ${rule.record}` : `alert: ${JSON.stringify(rule.alert)}`;
  const lines = [`      - ${name}`, `        expr: ${JSON.stringify(rule.expr)}`];
  if (rule.kind === 'alerting') {
    if (rule.for > 0) lines.push(`        for: ${formatDuration(rule.for)}`);
    if (rule.keepFiringFor > 0) lines.push(`        keep_firing_for: ${formatDuration(rule.keepFiringFor)}`);
  }
  lines.push(...mapLines('labels', rule.labels));
  if (rule.kind === 'alerting') lines.push(...mapLines('annotations', rule.annotations));
  return lines.map((line) => `${line}\n`).join('');
}

function mapLines(key: string, map: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(map);
  if (entries.length === 0) return [];
  return [`        ${key}:`, ...entries.map(([name, value]) => `          ${name}: ${JSON.stringify(value)}`)];
}
