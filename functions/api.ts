import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { newApi } from '../lib/api/app.ts';
import { apiOptions, engineOptions } from '../lib/config/query-settings.ts';
import { loadRuntime } from '../lib/config/runtime.ts';
import { newSecretReader } from '../lib/config/secret-reader.ts';
import { answerRequest, type ReportingApi } from '../lib/lambda/answer-request.ts';
import { openEmfMeter } from '../lib/lambda/emf-meter.ts';
import { newLog } from '../lib/lambda/new-log.ts';
import { openApiStore } from '../lib/lambda/open-api-store.ts';
import { openDeadLetterReader } from '../lib/lambda/open-dead-letter-reader.ts';
import { answerMetrics, logFault, SERVER_FAULT } from '../lib/lambda/report-answers.ts';
import { sourceClients } from '../lib/pipeline/query-source-clients.ts';
import { Engine } from '../lib/promql/engine.ts';

/** HTTP API gives up after 30 s; a query must end before that with an answer that says why. */
const QUERY_TIMEOUT_MS = 25_000;
/** Whatever else takes long (a lookup over all time) ends then, still with an answer. */
const REQUEST_TIMEOUT_MS = 27_000;

/** What fits into the function's memory: a sample held takes 16 bytes, and several copies may be alive. */
const MAX_SAMPLES = 10_000_000;

const log = newLog();
let composed: ReportingApi | undefined;

/** The Prometheus-compatible API: PromQL and lookups over the contextualized metrics, and /federate. */
export function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  composed ??= composeApi();
  return api(event, composed);
}

/** Answers one HTTP request. */
export function api(event: APIGatewayProxyEventV2, deps: ReportingApi): Promise<APIGatewayProxyStructuredResultV2> {
  return answerRequest(event, deps, log);
}

function composeApi(): ReportingApi {
  const { plan, tenants, retention, query, evaluation, tableName, deadLetterUrl } = loadRuntime();
  const meter = openEmfMeter();
  const { fetch } = newApi({
    plan,
    tenants,
    ...openApiStore(tableName, retention, log),
    deadLetters: openDeadLetterReader(deadLetterUrl),
    evaluationInterval: evaluation.interval,
    engine: new Engine({ maxSamples: MAX_SAMPLES, ...engineOptions(query), timeout: QUERY_TIMEOUT_MS }),
    ...apiOptions(query, evaluation),
    sourceClient: sourceClients(newSecretReader(process.env)),
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    onInternalError(error, request) {
      logFault(error, request, log);
      meter.add([SERVER_FAULT], true);
    },
  });
  return { fetch, report: (answered) => meter.add(answerMetrics(answered)) };
}
