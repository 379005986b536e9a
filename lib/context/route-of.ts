import { ACCESS } from './access.ts';

/** The route that a path belongs to, as the table of access spells it; undefined where there is none. */
export function routeOf(path: string): string | undefined {
  if (Object.hasOwn(ACCESS, path)) return path;
  return PATTERNS.find(({ pattern }) => pattern.test(path))?.route;
}

/** Routes with a parameter: `/api/v1/label/:name/values`. */
const PATTERNS = Object.keys(ACCESS).flatMap((route) => {
  if (!route.includes(':')) return [];
  return [{ route, pattern: new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`) }];
});
