import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { withinBudget } from './query-budget.ts';
import { queryAnswer } from './query-parameters.ts';

/** `GET|POST /api/v1/query`: one expression at one time (now, unless `time` says otherwise). */
export async function query(call: Call, { engine, now }: ApiDependencies): Promise<Answer> {
  const { params, querier } = call;
  const limit = params.limit();
  const time = params.timeOr('time', now());
  const result = await withinBudget(call, 0, (options) =>
    engine.instantQuery(querier, params.get('query'), time, options),
  );
  return queryAnswer(result, limit, call);
}
