import type { FunctionCall } from '../function-call.ts';
import { FLOAT, type VectorSeries } from '../value.ts';
import { quote } from './annotate.ts';
import { argumentPosition } from './arguments.ts';

/**
 * Tells of series with floats that do not look like counters: by their name, or by their `__type__` label where the engine keeps
 * types as labels.
 */
export function informPossibleNonCounters(call: FunctionCall, series: readonly VectorSeries[]): void {
  let known: string | undefined;
  for (const { labels, kinds } of series) {
    const name = labels.metricName;
    // A selector mostly finds series of one metric: what was told of it need not be told again.
    if (name === '' || (name === known && call.typeAndUnitLabels !== true) || !kinds.includes(FLOAT)) continue;
    known = name;
    const doubt = call.typeAndUnitLabels === true ? doubtByType(labels.get('__type__'), name) : doubtByName(name);
    if (doubt !== undefined) call.annotations.info(`PromQL info: ${doubt}`, argumentPosition(call, 0));
  }
}

function doubtByName(name: string): string | undefined {
  if (/_(total|sum|count|bucket)$/.test(name)) return undefined;
  return `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(name)}`;
}

function doubtByType(type: string, name: string): string | undefined {
  if (type === 'counter' || type === 'histogram') return undefined;
  const expected = '__type__ label is not set to "counter" or "histogram"';
  return `metric might not be a counter, ${expected}, got ${quote(type)}: ${quote(name)}`;
}
