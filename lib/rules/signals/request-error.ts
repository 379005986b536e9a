import { clientGaugeProblems } from './request-rate.ts';
import { clientErrorProblems, RequestRules } from './request-rules.ts';
import { type SignalExpansion, scaled } from './rule-draft.ts';
import type { SignalOf } from './signal.ts';

/** Failed requests that have a metric of their own. */
export const requestError: SignalExpansion<SignalOf<'requestError'>> = {
  problems: (signal) => [
    ...clientErrorProblems(signal),
    ...clientGaugeProblems(signal),
    ...(signal.errors === undefined && signal.client_errors === undefined
      ? [
          {
            key: 'errors',
            message: "is missing; give the types of failures, such as [{type: server_errors, when: ''}]",
          },
        ]
      : []),
  ],
  expand: (signal) => {
    const rules = new RequestRules(signal);
    const form = signal.type === 'counter' ? 'total' : 'gauge';
    rules.addFailures(form, signal.metric, signal, { change: (expr) => scaled(expr, signal) });
    return rules.expansion();
  },
};
