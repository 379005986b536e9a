import type { HttpRoute } from './serverless-file.ts';

export interface MatchedRoute {
  readonly routeKey: string;
  readonly functionName: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a request as API Gateway does: a full match before one with variables, that before a greedy
 * `{proxy+}`, that before `$default`; a method before `ANY`.
 *
 * @param path decoded
 */
export function findRoute(routes: readonly HttpRoute[], method: string, path: string): MatchedRoute | undefined {
  let best: { route: HttpRoute; pathParameters: Record<string, string>; rank: number } | undefined;
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== method) continue;
    const pathParameters = route.path === '$default' ? {} : matchPath(route.path, path);
    if (pathParameters === undefined) continue;
    const rank = rankOf(route);
    if (best === undefined || rank > best.rank) best = { route, pathParameters, rank };
  }
  if (best === undefined) return undefined;
  const { route, pathParameters } = best;
  const routeKey = route.path === '$default' ? '$default' : `${route.method} ${route.path}`;
  return { routeKey, functionName: route.functionName, pathParameters };
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const greedy = /^\{(\w+)\+\}$/.exec(part)?.[1];
    if (greedy !== undefined) {
      const rest = given.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [greedy]: rest };
    }
    const value = given[index];
    if (value === undefined) return undefined;
    const variable = /^\{(\w+)\}$/.exec(part)?.[1];
    if (variable !== undefined && value !== '') parameters[variable] = value;
    else if (part !== value) return undefined;
  }
  return given.length === wanted.length ? parameters : undefined;
}

/** Higher is more particular; among greedy routes the longer one wins. */
function rankOf({ method, path }: HttpRoute): number {
  const kind = path === '$default' ? 0 : path.includes('+}') ? 1 : path.includes('{') ? 2 : 3;
  return kind * 1_000_000 + path.split('/').length * 10 + (method === 'ANY' ? 0 : 1);
}
