import { METRIC_NAME } from '../model/labels.ts';
import { type NamedTerm, regexOf, type WriteRelabelConfig } from './write-relabel-term.ts';

/** Lives from the first of these configs to the last; names that begin so are free for relabelling. */
const MARK = '__tmp_tributary';

/** A series that no term has asked for so far. */
const OPEN = 'open';
const NEEDED = 'needed';

/**
 * Configs that keep a series when one of several terms asks for it. Relabel configs know neither "or" over labels nor
 * "not", so a mark walks through the terms: `open` until a term has said yes, `at1`, `at2` … between the matchers of one.
 * Each step looks at the mark and one label, so no value can be taken for a separator.
 */
export function decideByMark(terms: readonly NamedTerm[]): WriteRelabelConfig[] {
  if (terms.length === 0) return [];
  const names = [...new Set(terms.map((term) => term.names))].join('|');
  return [
    { ...write(OPEN), sourceLabels: [METRIC_NAME], regex: names },
    ...merged(terms).flatMap(decideOne),
    { sourceLabels: [MARK], regex: OPEN, action: 'drop' },
    { regex: MARK, action: 'labeldrop' },
  ];
}

/** Terms that differ in their names alone are one. */
function merged(terms: readonly NamedTerm[]): NamedTerm[] {
  const groups = new Map<string, NamedTerm>();
  for (const term of terms) {
    const key = JSON.stringify(term.others);
    const known = groups.get(key);
    groups.set(key, known === undefined ? term : { ...term, names: `${known.names}|${term.names}` });
  }
  return [...groups.values()];
}

function decideOne({ names, others }: NamedTerm): WriteRelabelConfig[] {
  const asked = others.filter(({ type }) => type === '=' || type === '=~');
  const excluded = others.filter((matcher) => !asked.includes(matcher));
  const steps = [
    { label: METRIC_NAME, regex: names },
    ...asked.map((one) => ({ label: one.name, regex: regexOf(one) })),
  ];
  const last = excluded.length === 0 ? NEEDED : `at${steps.length}`;
  const walk = steps.map(({ label, regex }, i) =>
    step(i === 0 ? OPEN : `at${i}`, label, regex, i === steps.length - 1 ? last : `at${i + 1}`),
  );
  const refuse = excluded.map((one) => step(last, one.name, regexOf(one), OPEN));
  const accept = last === NEEDED ? [] : [turn(last, NEEDED)];
  return [...walk, ...refuse, ...accept, ...(steps.length === 1 ? [] : [turn('at[0-9]+', OPEN)])];
}

function step(from: string, label: string, regex: string, to: string): WriteRelabelConfig {
  return { ...write(to), sourceLabels: [MARK, label], regex: `${from};(?:${regex})` };
}

function turn(from: string, to: string): WriteRelabelConfig {
  return { ...write(to), sourceLabels: [MARK], regex: from };
}

function write(replacement: string) {
  return { targetLabel: MARK, replacement, action: 'replace' } as const;
}
