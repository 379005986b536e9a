import type { Matcher as RegexpMatcher } from 're2js';

/** A reference in a template: `$$`, `${name}` or `$name` with the longest name possible. */
const REFERENCE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

/**
 * Puts the groups of a match into a template as Go's `Regexp.Expand` does: `$1` and `${1}` by number, `$name` and
 * `${name}` by name; `$1x` is the group named `1x`. A group that does not exist or took no part is empty; `$$` is `$`.
 */
export function expandTemplate(template: string, match: RegexpMatcher): string {
  return template.replace(REFERENCE, (reference, braced?: string, bare?: string) =>
    reference === '$$' ? '$' : groupOf(match, braced ?? bare ?? ''),
  );
}

function groupOf(match: RegexpMatcher, name: string): string {
  const index = /^\d+$/.test(name) ? Number(name) : match.namedGroups[name];
  if (index === undefined || index > match.groupCount()) return '';
  return match.group(index) ?? '';
}
