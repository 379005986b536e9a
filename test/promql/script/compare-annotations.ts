import type { Expectations, TextExpectation } from './script.ts';

export interface RenderedAnnotations {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/**
 * What is wrong with a query's annotations, or undefined. Where a command says nothing about a kind, anything goes;
 * where it expects texts, each must occur and nothing else may. `rewritten` says that the query is not the one of the
 * script any more, so that positions are left out of the comparison.
 */
export function compareAnnotations(
  expectations: Expectations,
  got: RenderedAnnotations,
  rewritten = false,
): string | undefined {
  const { warn, info, noWarn, noInfo } = expectations;
  return (
    compareKind('warning', warn, noWarn, got.warnings, rewritten) ??
    compareKind('info', info, noInfo, got.infos, rewritten)
  );
}

/** Whether an error's or annotation's text is as expected. */
export function matchesText(expected: TextExpectation, text: string, rewritten = false): boolean {
  if (expected.regex !== undefined) return expected.regex.test(text);
  if (expected.message === undefined) return true;
  return rewritten ? withoutPosition(expected.message) === withoutPosition(text) : expected.message === text;
}

function compareKind(
  kind: string,
  expected: readonly TextExpectation[],
  none: boolean,
  got: readonly string[],
  rewritten: boolean,
): string | undefined {
  if (none && got.length > 0) return `unexpected ${kind}: ${got[0]}`;
  if (expected.length === 0) return undefined;
  if (got.length === 0) return `expected a ${kind}, got none`;
  const lacking = expected.find((want) => !got.some((text) => matchesText(want, text, rewritten)));
  if (lacking !== undefined) {
    return `no ${kind} is ${JSON.stringify(lacking.message ?? lacking.regex?.source)}, got ${JSON.stringify(got)}`;
  }
  const extra = got.find((text) => !expected.some((want) => matchesText(want, text, rewritten)));
  return extra === undefined ? undefined : `unexpected ${kind}: ${extra}`;
}

function withoutPosition(text: string): string {
  return text.replace(/ \(\d+:\d+\)$/, '');
}
