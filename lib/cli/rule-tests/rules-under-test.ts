import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type PreparedGroup, preparePlan } from '../../pipeline/evaluate/prepared-plan.ts';
import type { DerivedGroup, DerivedRule } from '../../plan/plan.ts';
import { printExpr } from '../../promql/print.ts';
import { type Mistake, MistakesError } from '../../rules/mistake.ts';
import { collect, type Pack } from '../../rules/pack.ts';
import { parseRelabelFile } from '../../rules/parse-relabel-file.ts';
import { parseRuleFile } from '../../rules/parse-rule-file.ts';
import type { RuleFile } from '../../rules/rule-group.ts';
import type { TestFile } from './test-file.ts';

/** The rules and relabel configs that a test file names, and patterns of it that name no file. */
export interface RulesUnderTest {
  readonly pack: Pack;
  readonly unmatched: readonly string[];
}

/**
 * Reads the files that a test file names, relative to its folder; `*`, `?` and `[…]` match within a part of a path.
 *
 * @throws MistakesError with every mistake of all of them.
 */
export function loadRulesUnderTest({ file, ruleFiles, relabelFiles }: TestFile): RulesUnderTest {
  const mistakes: Mistake[] = [];
  const unmatched: string[] = [];
  const folder = dirname(file);
  const read = <T>(patterns: readonly string[], parse: (path: string, text: string) => T): T[] =>
    patterns.flatMap((pattern) => {
      const paths = expand(isAbsolute(pattern) ? pattern : join(folder, pattern));
      if (paths.length === 0) unmatched.push(pattern);
      return paths.flatMap((path) => collect(() => parse(path, readFileSync(path, 'utf8')), mistakes) ?? []);
    });
  const pack = {
    name: file,
    description: '',
    strict: false,
    ruleFiles: read(ruleFiles, parseRuleFile),
    relabelFiles: read(relabelFiles, parseRelabelFile),
  };
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return { pack, unmatched };
}

/** All rules as Prometheus has them: every group, in the order that the test file wants, and none of them a mapping. */
export function prometheusGroups(
  ruleFiles: readonly RuleFile[],
  { groupEvalOrder, evaluationInterval }: TestFile,
): readonly PreparedGroup[] {
  const derived = ruleFiles.flatMap(({ file, groups }) =>
    groups.map((group): DerivedGroup => {
      const { name, queryOffset, limit } = group;
      const rules = group.rules.map((rule): DerivedRule => {
        const { labels, line, ast } = rule;
        const placed = { expr: printExpr(ast), labels, level: 0, origin: { pack: '', file, line, group: name } };
        if (rule.kind === 'recording') return { kind: 'recording', record: rule.record, ...placed };
        const { alert, keepFiringFor, annotations } = rule;
        return { kind: 'alerting', alert, for: rule.for, keepFiringFor, annotations, ...placed };
      });
      return { name, file, ...(queryOffset !== undefined && { queryOffset }), limit, rules };
    }),
  );
  const { groups } = preparePlan({ version: '', derived }, { interval: evaluationInterval });
  const rank = (name: string) => Math.max(0, groupEvalOrder.indexOf(name));
  return [...groups].sort((a, b) => rank(a.group.name) - rank(b.group.name));
}

function expand(pattern: string): string[] {
  const [first = '', ...parts] = pattern.split('/');
  let paths = [first === '' ? '/' : first];
  if (isPattern(first)) paths = matching('.', first);
  for (const part of parts) {
    paths = isPattern(part) ? paths.flatMap((path) => matching(path, part)) : paths.map((path) => join(path, part));
  }
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile()).sort();
}

function isPattern(part: string): boolean {
  return /[*?[]/.test(part);
}

function matching(folder: string, part: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const body = part
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const regexp = new RegExp(`^${body}$`);
  return readdirSync(folder)
    .filter((name) => regexp.test(name))
    .map((name) => join(folder, name));
}
