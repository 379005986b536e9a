import type { MetricFamily } from './metric-family.ts';

type LabelValues = MetricFamily['labels'];

/** Labels that name an operation, the most telling first. */
const OPERATIONS = [
  'http_route',
  'route',
  'uri',
  'handler',
  'path',
  'http_target',
  'url_template',
  'view',
  'operation',
  'op',
  'operation_name',
  'db_operation_name',
  'command',
  'cmd',
  'query',
  'statement',
  'action',
  'topic',
  'queue',
  'exchange',
  'destination',
  'messaging_destination_name',
  'server_address',
  'upstream',
  'backend',
  'service',
  'job_name',
  'task',
  'name',
  'type',
  'slice',
];

/** Two labels that name an operation together. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['rpc_service', 'rpc_method'],
  ['grpc_service', 'grpc_method'],
  ['class', 'method'],
  ['controller', 'action'],
];

const VERBS = ['http_request_method', 'http_method', 'method', 'verb'];

/** Templates of the request context that the labels suggest. */
export function suggestedContext(labels: LabelValues): string[] {
  const pair = PAIRS.find((names) => names.every((name) => labels.has(name)));
  if (pair !== undefined) return [`{${pair[0]}}/{${pair[1]}}`];
  const operation = OPERATIONS.find((name) => labels.has(name));
  const verb = VERBS.find((name) => labels.has(name));
  if (operation === undefined) return verb === undefined ? [] : [`{${verb}}`];
  const isPath = (labels.get(operation) ?? []).some((value) => value.startsWith('/'));
  return verb !== undefined && isPath ? [`{${verb}} {${operation}}`, `{${operation}}`] : [`{${operation}}`];
}

/** Failures as a signal has them. */
export interface SuggestedFailures {
  readonly errors?: readonly { readonly type: string; readonly when: string }[];
  readonly client_errors?: string;
}

/** How failed requests are told apart from others, by the names of labels and their values. */
export function suggestedFailures(labels: LabelValues, requestType: string): SuggestedFailures {
  for (const [name, values] of labels) {
    const failures = STATUS.test(name) ? ofStatus(name, values, requestType) : ofOutcome(name, values);
    if (failures !== undefined) return failures;
  }
  return {};
}

/** Whether the labels tell the outcome of something, as those of requests do. */
export function tellsOutcome(labels: LabelValues): boolean {
  return Object.keys(suggestedFailures(labels, 'inbound')).length > 0;
}

const STATUS = /^(?:.*_)?(?:status|code|status_?code|response_?code|http_?status)$/i;
const GRPC_CODES = ['Unknown', 'DeadlineExceeded', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss'];

function ofStatus(name: string, values: readonly string[], requestType: string): SuggestedFailures | undefined {
  if (values.some((value) => /^[1-5](?:\d\d|xx)$/i.test(value))) {
    const errors = [{ type: 'server_errors', when: `${name}=~"5.."` }];
    const clientErrors = `${name}=~"4.."`;
    if (requestType === 'inbound') return { errors, client_errors: clientErrors };
    return { errors: [...errors, { type: 'client_errors', when: clientErrors }] };
  }
  if (values.includes('OK') || values.some((value) => GRPC_CODES.includes(value))) {
    return { errors: [{ type: 'server_errors', when: `${name}=~"${GRPC_CODES.join('|')}"` }] };
  }
  return ofWords(name, values);
}

function ofOutcome(name: string, values: readonly string[]): SuggestedFailures | undefined {
  if (/^(error_type|exception)$/.test(name)) {
    return { errors: [{ type: 'server_errors', when: `${name}!~"|none|None"` }] };
  }
  if (/^success$/.test(name)) return { errors: [{ type: 'server_errors', when: `${name}="false"` }] };
  return /^(result|outcome|state|classification|error)$/.test(name) ? ofWords(name, values) : undefined;
}

/** Values that are words for failure. */
function ofWords(name: string, values: readonly string[]): SuggestedFailures | undefined {
  const failed = values.filter(
    (value) => /^[\w-]+$/.test(value) && (FAILURE.test(value) || (name === 'error' && value === 'true')),
  );
  if (failed.length === 0) return undefined;
  return { errors: [{ type: 'server_errors', when: `${name}=~"${failed.join('|')}"` }] };
}

const FAILURE = /fail|error|exception|reject|timeout|abort/i;
