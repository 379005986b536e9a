import type { Labels } from '../model/labels.ts';
import type { ContextualizedOutput } from './contextualizer.ts';
import { NAME_LABEL } from './mapping.ts';
import { NameIndex } from './name-index.ts';
import type { KeptRaw } from './plan.ts';
import { compileMatchers, matchesAll } from './selection.ts';

/** What is stored of a series, after scope and relabelling, because a derived rule reads it as it is. */
export type RawKeeper = (scoped: Labels) => ContextualizedOutput | undefined;

/**
 * Compiles what is kept. A kept series has the labels that Prometheus would give it, and its scope: no `asserts_name`,
 * which would only repeat its own name.
 *
 * @throws RegexpError when a regex is not valid RE2.
 */
export function newRawKeeper(keptRaw: readonly KeptRaw[]): RawKeeper {
  const compiled = keptRaw.map((rule) => ({ rule, matchers: compileMatchers(rule.matchers) }));
  const index = new NameIndex(compiled, ({ matchers }) => matchers);
  return (scoped) => {
    const labels = scoped.get(NAME_LABEL) === scoped.metricName ? scoped.without(NAME_LABEL) : scoped;
    const found = index.candidates(scoped.metricName).find(({ matchers }) => matchesAll(matchers, labels));
    return found && { labels, map: (value) => value, rule: found.rule };
  };
}
