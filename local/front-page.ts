import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HttpRoute } from './serverless-file.ts';

/** Only here: the address that the start prints is opened in a browser, and nobody there looks for an API. */
export const FRONT_ROUTE: HttpRoute = { method: 'GET', path: '/', functionName: 'frontPage' };

/** Leads to the status page. */
export async function frontPage(): Promise<APIGatewayProxyStructuredResultV2> {
  return { statusCode: 302, headers: { location: '/status' } };
}
