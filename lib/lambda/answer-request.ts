import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { routeOf } from '../context/route-of.ts';
import { answerEvent } from './http-event.ts';
import type { Log } from './log.ts';
import { type AnsweredRequest, logAnswer } from './report-answers.ts';

/** Something that answers requests, and whoever wants to know that it did. */
export interface ReportingApi {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Told of every request that was answered. */
  readonly report?: (answered: AnsweredRequest) => void;
}

/** Answers an HTTP API event, and tells how it went. */
export async function answerRequest(
  event: APIGatewayProxyEventV2,
  { fetch, report }: ReportingApi,
  log: Log,
): Promise<APIGatewayProxyStructuredResultV2> {
  const began = performance.now();
  const result = await answerEvent(event, fetch);
  const { http, requestId } = event.requestContext;
  const answered = {
    requestId,
    method: http.method,
    route: routeOf(event.rawPath) ?? 'other',
    status: result.statusCode ?? 200,
    durationMs: performance.now() - began,
  };
  logAnswer(answered, log);
  report?.(answered);
  return result;
}
