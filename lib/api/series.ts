import { compareLabels } from '../model/labels.ts';
import { ApiError, invalidParameter } from './api-error.ts';
import type { Answer, Call } from './endpoint.ts';
import { writeLabels } from './json/write-labels.ts';
import { writeList } from './json/write-list.ts';
import { lookupHints } from './lookup-hints.ts';
import { selectorsOf } from './params/selectors.ts';
import { truncate } from './truncate.ts';
import { unionBy } from './union-of.ts';

/** `GET|POST /api/v1/series`: the label sets of all series that any `match[]` selects. */
export async function series(call: Call): Promise<Answer> {
  const limit = call.params.limit();
  if (call.params.all('match[]').length === 0) throw new ApiError('bad_data', 'no match[] parameter provided');
  const hints = lookupHints(call, limit);
  const selectors = matchersOf(call);
  const found = await unionBy(
    selectors,
    (matchers) => call.querier.series(hints, ...matchers),
    ({ key }) => key,
  );
  // What a single selector finds is sorted already.
  if (selectors.length > 1) found.sort(compareLabels);
  const { items, warnings } = truncate(found, limit);
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
