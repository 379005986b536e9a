import { parseExpr } from '../promql/parse.ts';
import { prettyPrint } from '../promql/print.ts';
import type { Answer, Call } from './endpoint.ts';
import { jsonString } from './json/json-string.ts';

/** `GET|POST /api/v1/format_query`: the expression as Prometheus lays it out. */
export async function formatQuery({ params }: Call): Promise<Answer> {
  const text = prettyPrint(parseExpr(params.get('query')));
  return { data: (out) => out.write(jsonString(text)) };
}
