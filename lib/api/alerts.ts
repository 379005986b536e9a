import { groupKey, ruleKeys } from '../pipeline/evaluate/rule-keys.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { writeAlert } from './rules/write-alert.ts';

/** `GET /api/v1/alerts`: what is pending or firing as of the last evaluation, rule by rule. */
export async function alerts({ tenant }: Call, { plan, ruleState }: ApiDependencies): Promise<Answer> {
  const { state } = (await ruleState.read(tenant.name)) ?? {};
  const active = plan.derived.flatMap((group) => {
    const status = state?.groups[groupKey(group)];
    return ruleKeys(group.rules).flatMap((key) => status?.rules[key]?.alerts ?? []);
  });
  return {
    data: (out) => {
      out.write('{"alerts":[');
      for (const [i, alert] of active.entries()) {
        if (i > 0) out.write(',');
        writeAlert(out, alert);
      }
      out.write(']}');
    },
  };
}
