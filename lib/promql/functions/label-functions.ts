import type { RE2JS } from 're2js';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { compileAnchored } from '../../model/regexp.ts';
import { ExecutionError } from '../errors.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import type { VectorSeries, VectorValue } from '../value.ts';
import { stringArgument, vectorArgument } from './arguments.ts';
import { expandTemplate } from './expand-template.ts';
import { mergeSeries } from './merge-series.ts';

/** Functions of labels alone. Series that become the same one are merged where they have no step in common. */
export const LABEL_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['label_join', labelJoin],
  ['label_replace', labelReplace],
]);

/** @throws ExecutionError for a bad expression or label name, and where two series become one. */
function labelReplace(call: FunctionCall): VectorValue {
  const [destination, replacement, source, expression] = [1, 2, 3, 4].map((i) => stringArgument(call, i)) as [
    string,
    string,
    string,
    string,
  ];
  const regexp = compile(expression);
  checkLabelName('destination', 'label_replace', destination);
  return relabelled(call, (series) => {
    const matcher = regexp.matcher(series.labels.get(source));
    if (!matcher.matches()) return series;
    return withLabel(series, destination, expandTemplate(replacement, matcher));
  });
}

/** @throws ExecutionError for a bad label name, and where two series become one. */
function labelJoin(call: FunctionCall): VectorValue {
  const destination = stringArgument(call, 1);
  const separator = stringArgument(call, 2);
  const sources = call.args.slice(3).map((_, i) => stringArgument(call, i + 3));
  for (const source of sources) checkLabelName('source', 'label_join', source);
  checkLabelName('destination', 'label_join', destination);
  const joined = (labels: Labels) => sources.map((source) => labels.get(source)).join(separator);
  return relabelled(call, (series) => withLabel(series, destination, joined(series.labels)));
}

function relabelled(call: FunctionCall, relabel: (series: VectorSeries) => VectorSeries): VectorValue {
  return { kind: 'vector', series: mergeSeries(vectorArgument(call, 0).series.map(relabel)) };
}

/** A name that is set here is not dropped any more. */
function withLabel(series: VectorSeries, name: string, value: string): VectorSeries {
  const dropName = name === METRIC_NAME ? false : series.dropName;
  return { ...series, dropName, labels: series.labels.with({ [name]: value }) };
}

function compile(expression: string): RE2JS {
  try {
    return compileAnchored(expression);
  } catch {
    throw new ExecutionError(`invalid regular expression in label_replace(): ${expression}`);
  }
}

/** Any UTF-8 text but the empty one is a label name; lone surrogates and U+FFFD stand for bytes that were not UTF-8. */
function checkLabelName(role: string, functionName: string, name: string): void {
  if (name === '' || /[\p{Surrogate}\ufffd]/u.test(name)) {
    throw new ExecutionError(`invalid ${role} label name in ${functionName}(): ${name}`);
  }
}
