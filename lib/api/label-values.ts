import { ApiError } from './api-error.ts';
import type { Answer, Call } from './endpoint.ts';
import { writeStrings } from './json/write-list.ts';
import { lookupHints } from './lookup-hints.ts';
import { goQuote } from './params/go-quote.ts';
import { selectorsOf } from './params/selectors.ts';
import { unescapeName } from './params/unescape-name.ts';
import { truncate } from './truncate.ts';
import { unionOf } from './union-of.ts';

/**
 * `GET /api/v1/label/<name>/values`: the values of one label. Names outside the legacy alphabet may be given percent
 * encoded or in the `U__` form.
 */
export async function labelValues(escapedName: string, call: Call): Promise<Answer> {
  const name = unescapeName(escapedName);
  if (name === '') throw new ApiError('bad_data', `invalid label name: ${goQuote(name)}`);
  const limit = call.params.limit();
  const hints = lookupHints(call, limit);
  const selectors = selectorsOf(call.params);
  const values = await unionOf(selectors, (matchers) => call.querier.labelValues(name, hints, ...matchers));
  const { items, warnings } = truncate(values, limit);
  return { data: (out) => writeStrings(out, items), warnings };
}
