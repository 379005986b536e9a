import { inSeconds } from './duration-unit.ts';
import { RequestRules, unitProblems } from './request-rules.ts';
import type { SignalExpansion, SignalProblem } from './rule-draft.ts';
import type { SignalOf } from './signal.ts';

type LatencyAverage = SignalOf<'latencyAverage'>;

/** Mean latency by two counters, or by a gauge that is a mean already. */
export const latencyAverage: SignalExpansion<LatencyAverage> = {
  problems: (signal) => [...pairProblems(signal), ...unitsOf(signal)],
  expand: (signal) => {
    const rules = new RequestRules(signal);
    const { sum, sum_unit = 'seconds', count, gauge, unit = 'seconds' } = signal;
    if (sum !== undefined) rules.add('asserts:latency:total', sum, { change: (expr) => inSeconds(expr, sum_unit) });
    if (count !== undefined) rules.add('asserts:latency:count', count);
    if (gauge !== undefined) rules.add('asserts:latency:average', gauge, { change: (expr) => inSeconds(expr, unit) });
    return rules.expansion();
  },
};

function pairProblems({ sum, count, gauge, sum_unit, unit }: LatencyAverage): SignalProblem[] {
  if (gauge !== undefined) {
    return Object.entries({ sum, count, sum_unit })
      .filter(([, value]) => value !== undefined)
      .map(([key]) => ({ key, message: 'stands beside gauge; give either gauge, or sum and count' }));
  }
  if (unit !== undefined) return [{ key: 'unit', message: 'is the unit of gauge; that of sum is sum_unit' }];
  return Object.entries({ sum, count })
    .filter(([, value]) => value === undefined)
    .map(([key]) => ({ key, message: 'is missing; give sum and count, or gauge for a mean that is ready-made' }));
}

function unitsOf({ sum, sum_unit, gauge, unit }: LatencyAverage): SignalProblem[] {
  return [...unitProblems('sum_unit', sum_unit, sum), ...unitProblems('unit', unit, gauge)];
}
