import { parseExpr } from '../promql/parse.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { exprTree } from './expr-tree.ts';
import { treeText } from './json/tree-text.ts';

/** `GET|POST /api/v1/parse_query`: the expression as a tree. */
export async function parseQuery({ params }: Call, { engine }: ApiDependencies): Promise<Answer> {
  const text = treeText(exprTree(parseExpr(params.get('query'), { features: engine.features })));
  return { data: (out) => out.write(text) };
}
