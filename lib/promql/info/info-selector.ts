import { METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import type { Call, VectorSelector } from '../ast.ts';

const TARGET_INFO = new Matcher('=', METRIC_NAME, 'target_info');

/** What counts as an info metric where the matchers only say which ones do not. */
const ANY_INFO = new Matcher('=~', METRIC_NAME, '.+_info');

const known = new WeakMap<Call, VectorSelector>();

/**
 * The selector of the info series of a call `info(v, {…})`: the matchers given, over `target_info` where they name no
 * metric. The same call always gives the same selector.
 */
export function infoSelector(call: Call): VectorSelector {
  let selector = known.get(call);
  if (selector === undefined) {
    selector = buildSelector(call);
    known.set(call, selector);
  }
  return selector;
}

/** The matchers of a call on info metrics' names; at least one says what the name is. */
export function infoNameMatchers(call: Call): readonly Matcher[] {
  const written = (writtenMatchers(call) ?? []).filter(({ name }) => name === METRIC_NAME);
  if (written.length === 0) return [TARGET_INFO];
  return written.some(({ type }) => type === '=' || type === '=~') ? written : [...written, ANY_INFO];
}

/** The matchers of a call on the labels to add; none stands for all labels. */
export function infoLabelMatchers(call: Call): readonly Matcher[] {
  return (writtenMatchers(call) ?? []).filter(({ name }) => name !== METRIC_NAME);
}

function buildSelector(call: Call): VectorSelector {
  const matchers = [...infoNameMatchers(call), ...infoLabelMatchers(call)];
  return { kind: 'vectorSelector', name: '', matchers, offset: 0, position: (call.args[1] ?? call).position };
}

function writtenMatchers(call: Call): readonly Matcher[] | undefined {
  const labels = call.args[1];
  if (labels === undefined) return undefined;
  if (labels.kind !== 'vectorSelector') throw new Error('BUG: the second argument of info() is no selector');
  return labels.matchers;
}
