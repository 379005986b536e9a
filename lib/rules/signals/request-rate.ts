import { clientErrorProblems, RequestRules } from './request-rules.ts';
import { type SignalExpansion, type SignalProblem, scaled } from './rule-draft.ts';
import type { SignalOf } from './signal.ts';

/** Requests by a counter, or by a gauge that is a rate already; failures where labels of the same metric tell them. */
export const requestRate: SignalExpansion<SignalOf<'requestRate'>> = {
  problems: (signal) => [...clientErrorProblems(signal), ...clientGaugeProblems(signal)],
  expand: (signal) => {
    const rules = new RequestRules(signal);
    const form = signal.type === 'counter' ? 'total' : 'gauge';
    const change = (expr: string) => scaled(expr, signal);
    rules.add(`asserts:request:${form}`, signal.metric, { change });
    rules.addFailures(form, signal.metric, signal, { change });
    return rules.expansion();
  },
};

/** The vocabulary has client errors as a counter only. */
export function clientGaugeProblems({
  type,
  client_errors,
}: Pick<SignalOf<'requestRate'>, 'type' | 'client_errors'>): SignalProblem[] {
  if (type === 'counter' || client_errors === undefined) return [];
  return [
    {
      key: 'client_errors',
      message: 'has no meaning for a gauge: client errors are recorded from counters only; leave it out',
    },
  ];
}
