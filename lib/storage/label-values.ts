import { compareStrings } from '../model/compare-strings.ts';
import type { Labels } from '../model/labels.ts';

/** Sorted names of the labels that any of the series has; at most `limit` of them (0: all). */
export function labelNamesOf(series: Iterable<Labels>, limit = 0): string[] {
  const names = new Set<string>();
  for (const { pairs } of series) for (let i = 0; i < pairs.length; i += 2) names.add(pairs[i] as string);
  return sorted(names, limit);
}

/** Sorted values that one label has over the series; at most `limit` of them (0: all). */
export function labelValuesOf(name: string, series: Iterable<Labels>, limit = 0): string[] {
  const values = new Set<string>();
  for (const labels of series) values.add(labels.get(name));
  values.delete('');
  return sorted(values, limit);
}

function sorted(strings: ReadonlySet<string>, limit: number): string[] {
  const all = [...strings].sort(compareStrings);
  return limit > 0 ? all.slice(0, limit) : all;
}
