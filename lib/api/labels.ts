import type { Answer, Call } from './endpoint.ts';
import { writeStrings } from './json/write-list.ts';
import { lookupHints } from './lookup-hints.ts';
import { selectorsOf } from './params/selectors.ts';
import { truncate } from './truncate.ts';
import { unionOf } from './union-of.ts';

/** `GET|POST /api/v1/labels`: the label names of the series that any `match[]` selects, or of all. */
export async function labels(call: Call): Promise<Answer> {
  const limit = call.params.limit();
  const hints = lookupHints(call, limit);
  const names = await unionOf(selectorsOf(call.params), (matchers) => call.querier.labelNames(hints, ...matchers));
  const { items, warnings } = truncate(names, limit);
  return { data: (out) => writeStrings(out, items), warnings };
}
