import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { AUTHENTICATE_CHALLENGE, authenticate } from '../../lib/context/authenticate.ts';
import type { Tenant } from '../../lib/context/tenant.ts';
import type { HttpRoute } from '../serverless-file.ts';
import type { SelfMetrics } from './self-metrics.ts';

/** Only here: on AWS no process has seen everything, and CloudWatch adds up. */
export const METRICS_ROUTE: HttpRoute = { method: 'GET', path: '/metrics', functionName: 'metrics' };

export interface MetricsPageOptions {
  readonly metrics: Pick<SelfMetrics, 'page'>;
  readonly tenants: readonly Tenant[];
  /** Whether requests without credentials get the page: nobody else reaches the server. */
  readonly isOpen: boolean;
}

/** Answers with the page; where others reach the server, to tokens that may read or watch all of some tenant. */
export async function metricsPage(
  { headers }: APIGatewayProxyEventV2,
  { metrics, tenants, isOpen }: MetricsPageOptions,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { authorization } = headers;
  if (authorization !== undefined || !isOpen) {
    const refusal = refuse(authorization, tenants);
    if (refusal !== undefined) return refusal;
  }
  const { contentType, body } = await metrics.page();
  return { statusCode: 200, headers: { 'content-type': contentType }, body };
}

function refuse(
  authorization: string | undefined,
  tenants: readonly Tenant[],
): APIGatewayProxyStructuredResultV2 | undefined {
  const result = authenticate(tenants, authorization, ['read', 'admin']);
  if (result.kind === 'unauthenticated') {
    const headers = { 'WWW-Authenticate': AUTHENTICATE_CHALLENGE };
    return { statusCode: 401, headers, body: `cannot authenticate: ${result.reason}\n` };
  }
  if (result.kind === 'forbidden') return { statusCode: 403, body: `cannot read metrics: ${result.reason}\n` };
  const { name, sources } = result.token;
  if (sources === undefined) return undefined;
  return { statusCode: 403, body: `cannot read metrics: token ${name} is bound to ${sources}, and this shows all\n` };
}
