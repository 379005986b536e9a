import { compareLabels, type Labels } from '../model/labels.ts';
import { ApiError, invalidParameter } from './api-error.ts';
import type { Answer, Call } from './endpoint.ts';
import { writeLabels } from './json/write-labels.ts';
import { writeList } from './json/write-list.ts';
import { lookupHints } from './lookup-hints.ts';
import { selectorsOf } from './params/selectors.ts';
import { truncate } from './truncate.ts';

/** `GET|POST /api/v1/series`: the label sets of all series that any `match[]` selects. */
export async function series(call: Call): Promise<Answer> {
  const limit = call.params.limit();
  if (call.params.all('match[]').length === 0) throw new ApiError('bad_data', 'no match[] parameter provided');
  const hints = lookupHints(call, limit);
  const found = await Promise.all(matchersOf(call).map((matchers) => call.querier.series(hints, ...matchers)));
  const { items, warnings } = truncate(union(found), limit);
  return { data: (out) => writeList(out, items, (labels) => writeLabels(out, labels)), warnings };
}

/** Here, unlike in the lookups of labels, errors name the parameter. */
function matchersOf({ params }: Call): ReturnType<typeof selectorsOf> {
  try {
    return selectorsOf(params);
  } catch (error) {
    throw invalidParameter('match[]', (error as Error).message);
  }
}

/** Each label set once, in order. A single list is sorted already. */
function union(lists: readonly (readonly Labels[])[]): readonly Labels[] {
  if (lists.length === 1) return lists[0] ?? [];
  const byKey = new Map(lists.flat().map((labels) => [labels.key, labels]));
  return [...byKey.values()].sort(compareLabels);
}
