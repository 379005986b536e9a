import { parseExpr } from '../promql/parse.ts';
import { prettyPrint } from '../promql/print.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { jsonString } from './json/json-string.ts';

/** `GET|POST /api/v1/format_query`: the expression as Prometheus lays it out. */
export async function formatQuery({ params }: Call, { engine }: ApiDependencies): Promise<Answer> {
  const text = prettyPrint(parseExpr(params.get('query'), { features: engine.features }));
  return { data: (out) => out.write(jsonString(text)) };
}
