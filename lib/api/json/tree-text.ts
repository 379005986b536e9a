import { compareStrings } from '../../model/compare-strings.ts';
import { formatFloat } from '../../model/format-float.ts';
import { jsonString } from './json-string.ts';

/** A small JSON value. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** A value as JSON, with the keys of its objects sorted, as Go writes maps. */
export function treeText(value: Tree): string {
  if (typeof value === 'string') return jsonString(value);
  if (typeof value === 'number') return formatFloat(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map(treeText).join(',')}]`;
  const keys = Object.keys(value).sort(compareStrings);
  return `{${keys.map((key) => `${jsonString(key)}:${treeText(value[key] as Tree)}`).join(',')}}`;
}

function isList(value: object): value is readonly Tree[] {
  return Array.isArray(value);
}
