import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { IntakeRequest, IntakeResponse } from '../pipeline/intake-request.ts';
import { bodyOf, lowerCaseHeaders, withRequestId } from './http-event.ts';

/** The write path's lean view of an HTTP API event: no `Request` is built for the hottest of all doors. */
export function intakeRequestOf(event: APIGatewayProxyEventV2, now: () => number = Date.now): IntakeRequest {
  const { http, requestId, timeEpoch } = event.requestContext;
  return {
    method: http.method,
    headers: lowerCaseHeaders(event),
    body: bodyOf(event),
    receivedAt: timeEpoch || now(),
    requestId: requestId ?? '',
  };
}

export function intakeResultOf(
  { status, headers, body }: IntakeResponse,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  return withRequestId({ statusCode: status, headers: { ...headers }, ...(body === '' ? {} : { body }) }, requestId);
}
