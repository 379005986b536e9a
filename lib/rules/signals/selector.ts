import { isLegacyLabelName, METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { VectorSelector } from '../../promql/ast.ts';
import { parseExpr } from '../../promql/parse.ts';

/** A metric and what narrows it down. */
export interface Selector {
  readonly name: string;
  /** Never of the name. */
  readonly matchers: readonly Matcher[];
}

/**
 * Reads `name` or `name{label="value", …}`.
 *
 * @throws Error that says what to write instead.
 */
export function parseSelector(text: string): Selector {
  const { matchers } = parseVectorSelector(text);
  const names = matchers.filter((matcher) => matcher.name === METRIC_NAME);
  const [name] = names;
  if (name === undefined || names.length > 1 || name.type !== '=' || name.value === '') {
    throw new Error(`${JSON.stringify(text)} does not name one metric; write a name, perhaps with matchers behind it`);
  }
  return { name: name.value, matchers: matchers.filter((matcher) => matcher !== name) };
}

/**
 * Reads matchers as they stand between the braces of a selector: `code!="", job="shop"`. May be empty.
 *
 * @throws Error that says what to write instead.
 */
export function parseMatchers(text: string): readonly Matcher[] {
  // A matcher that no empty label satisfies makes a selector of whatever stands beside it.
  const { matchers } = parseVectorSelector(`{${PLACEHOLDER}="x", ${text}}`, text);
  if (matchers.some(({ name }) => name === METRIC_NAME)) {
    throw new Error(`${JSON.stringify(text)} names a metric; the key metric does that, leave it out here`);
  }
  return matchers.filter(({ name }) => name !== PLACEHOLDER);
}

/** The selector as PromQL, with a suffix to its name and more matchers. */
export function selectorText({ name, matchers }: Selector, suffix = '', more: readonly Matcher[] = []): string {
  const metric = `${name}${suffix}`;
  const isPlain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric);
  const terms = [...new Set([...matchers, ...more].map(matcherText))];
  const inner = [...(isPlain ? [] : [JSON.stringify(metric)]), ...terms].join(', ');
  return `${isPlain ? metric : ''}${inner === '' ? '' : `{${inner}}`}`;
}

const PLACEHOLDER = '__placeholder__';

function matcherText({ name, type, value }: Matcher): string {
  return `${isLegacyLabelName(name) ? name : JSON.stringify(name)}${type}${JSON.stringify(value)}`;
}

function parseVectorSelector(promql: string, shown = promql): VectorSelector {
  const expr = parse(promql, shown);
  const isPlain =
    expr.kind === 'vectorSelector' &&
    expr.offset === 0 &&
    [expr.offsetExpr, expr.timestamp, expr.startOrEnd, expr.extension].every((one) => one === undefined);
  if (!isPlain) throw new Error(`${JSON.stringify(shown)} is more than a selector; write only matchers and a name`);
  return expr;
}

function parse(promql: string, shown: string): ReturnType<typeof parseExpr> {
  try {
    return parseExpr(promql);
  } catch (error) {
    // Positions of the parser count from a text that nobody wrote.
    const cause = (error as Error).message.replace(/^\d+:\d+: parse error: /, '');
    throw new Error(`${JSON.stringify(shown)} cannot be read as PromQL: ${cause}`);
  }
}
