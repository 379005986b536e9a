import type { RE2JS } from 're2js';

/** Groups of a match: 0 is the whole text, then by number; `named` gives the number of a named group. */
export interface Captures {
  group(index: number): string;
  readonly count: number;
  readonly named: Readonly<Record<string, number>>;
}

/** A replacement text with references to groups, as Go's `Regexp.Expand` reads it. */
export interface Template {
  /** Whether the text has any reference; without one it is a constant. */
  readonly hasReferences: boolean;
  expand(captures: Captures): string;
}

/**
 * Reads `$1`, `${1}`, `$name`, `${name}` and `$$`. As in Go a bare name is as long as possible (`$1x` is the group
 * named `1x`), a reference to a group that does not exist is empty, and a `$` that begins no reference is itself.
 */
export function parseTemplate(text: string): Template {
  const parts: (string | { readonly reference: string })[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    parts.push(text.slice(end, match.index));
    const reference = match[1] ?? match[2];
    parts.push(reference === undefined ? '$' : { reference });
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return {
    hasReferences: parts.some((part) => typeof part !== 'string'),
    expand: (captures) =>
      parts.map((part) => (typeof part === 'string' ? part : resolve(part.reference, captures))).join(''),
  };
}

/** Matches a whole value; undefined when it does not match. */
export function capture(regexp: RE2JS, value: string): Captures | undefined {
  const matcher = regexp.matcher(value);
  if (!matcher.matches()) return undefined;
  return {
    group: (index) => matcher.group(index) ?? '',
    count: regexp.groupCount(),
    named: regexp.namedGroups(),
  };
}

/** Digits are a number up to Go's limit of 1e8; anything else is a name. */
function resolve(reference: string, captures: Captures): string {
  const index = /^(0|[1-9][0-9]{0,7})$/.test(reference) ? Number(reference) : captures.named[reference];
  return index === undefined || index > captures.count ? '' : captures.group(index);
}
