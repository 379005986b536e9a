/** Which web pages of other origins may read the API. Off unless configured: Grafana proxies and needs none of it. */
export interface CorsPolicy {
  /** Exact origins (`https://grafana.example.com`), or `*` for any. */
  readonly origins: readonly string[];
}

/** The headers that a response to this request carries; none where the policy is absent or the origin is not allowed. */
export function corsHeaders(policy: CorsPolicy | undefined, request: Request): Readonly<Record<string, string>> {
  if (policy === undefined) return {};
  const origin = request.headers.get('origin');
  if (origin === null || !(policy.origins.includes('*') || policy.origins.includes(origin))) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
    'Access-Control-Allow-Headers': 'Accept, Authorization, Content-Type, Origin',
    'Access-Control-Expose-Headers': 'Date',
  };
}
