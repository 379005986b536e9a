import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** An HTTP API route of a function: `ANY` and `{proxy+}` as in API Gateway. */
export interface HttpRoute {
  readonly method: string;
  readonly path: string;
  readonly functionName: string;
}

/** An event source mapping of a function. */
export interface QueueMapping {
  readonly functionName: string;
  readonly batchSize: number;
  /** How long a batch may be gathered. */
  readonly windowSeconds: number;
  readonly maximumConcurrency: number;
  /** How long one invocation of the function may take. */
  readonly timeoutMs: number;
  /** Whether the function's answer says which messages failed; else its answer is not looked at. */
  readonly reportsFailures: boolean;
}

/** A function that EventBridge calls at fixed distances. */
export interface Schedule {
  readonly functionName: string;
  readonly everyMs: number;
}

/** What the queue resource says that a stand-in can copy. */
export interface QueueSettings {
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
}

/** The parts of serverless.yml that decide what runs when, so that a local run cannot drift from a deployed one. */
export interface ServerlessFile {
  readonly routes: readonly HttpRoute[];
  readonly mappings: readonly QueueMapping[];
  readonly schedules: readonly Schedule[];
  readonly queue: QueueSettings;
}

/** @throws Error naming the file and the entry that cannot be read. */
export function readServerlessFile(file: string | URL): ServerlessFile {
  try {
    // CloudFormation's tags (`!Ref`, `!GetAtt`) are of no interest here and read as plain text.
    const document = parse(readFileSync(file, 'utf8'), { logLevel: 'error' }) as ServerlessDocument;
    const events = Object.entries(document.functions ?? {}).flatMap(([functionName, { events = [] }]) =>
      events.map((event) => ({ functionName, event })),
    );
    return {
      routes: events.flatMap(({ functionName, event }) => toRoute(functionName, event)),
      mappings: events.flatMap(({ functionName, event }) => toMapping(document, functionName, event)),
      schedules: events.flatMap(({ functionName, event }) => toSchedule(functionName, event)),
      queue: toQueueSettings(document),
    };
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}

interface ServerlessDocument {
  readonly params?: { readonly default?: Readonly<Record<string, unknown>> };
  readonly functions?: Readonly<
    Record<string, { readonly timeout?: unknown; readonly events?: readonly FunctionEvent[] }>
  >;
  readonly resources?: { readonly Resources?: Readonly<Record<string, { readonly Properties?: QueueProperties }>> };
}

interface FunctionEvent {
  readonly schedule?: string | { readonly rate?: unknown; readonly enabled?: unknown };
  readonly httpApi?: string | { readonly method: string; readonly path: string };
  readonly sqs?: {
    readonly batchSize?: unknown;
    readonly maximumBatchingWindow?: unknown;
    readonly maximumConcurrency?: unknown;
    readonly functionResponseType?: unknown;
  };
}

interface QueueProperties {
  readonly VisibilityTimeout?: unknown;
  readonly RedrivePolicy?: { readonly maxReceiveCount?: unknown };
}

function toRoute(functionName: string, { httpApi }: FunctionEvent): HttpRoute[] {
  if (httpApi === undefined) return [];
  const [method = '', path = ''] = typeof httpApi === 'string' ? httpApi.split(/\s+/) : [httpApi.method, httpApi.path];
  if (method === '*' && path === '') return [{ method: 'ANY', path: '$default', functionName }];
  if (!path.startsWith('/')) throw new Error(`route ${JSON.stringify(httpApi)} of ${functionName} has no path`);
  return [{ method: method === '*' ? 'ANY' : method.toUpperCase(), path, functionName }];
}

function toMapping(document: ServerlessDocument, functionName: string, { sqs }: FunctionEvent): QueueMapping[] {
  if (sqs === undefined) return [];
  const at = `functions.${functionName}`;
  const number = (name: string, value: unknown, absent: number) =>
    toNumber(document, `${at}.events.sqs.${name}`, value, absent);
  // Without one Serverless gives a function six seconds.
  const timeoutSeconds = toNumber(document, `${at}.timeout`, document.functions?.[functionName]?.timeout, 6);
  return [
    {
      functionName,
      batchSize: number('batchSize', sqs.batchSize, 10),
      windowSeconds: number('maximumBatchingWindow', sqs.maximumBatchingWindow, 0),
      maximumConcurrency: number('maximumConcurrency', sqs.maximumConcurrency, 2),
      timeoutMs: timeoutSeconds * 1000,
      reportsFailures: sqs.functionResponseType === 'ReportBatchItemFailures',
    },
  ];
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3600_000, day: 86_400_000 };

function toSchedule(functionName: string, { schedule }: FunctionEvent): Schedule[] {
  if (schedule === undefined) return [];
  const { rate, enabled = true } = typeof schedule === 'string' ? { rate: schedule } : schedule;
  const written = Array.isArray(rate) && rate.length === 1 ? (rate as readonly unknown[])[0] : rate;
  const [, count = '', unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(written)) ?? [];
  const everyMs = Number(count) * (UNIT_MS[unit] ?? 0);
  if (everyMs > 0) return enabled === false ? [] : [{ functionName, everyMs }];
  throw new Error(
    `schedule ${JSON.stringify(schedule)} of ${functionName} is not rate(n minutes), rate(n hours) or rate(n days)`,
  );
}

function toQueueSettings(document: ServerlessDocument): QueueSettings {
  const properties = document.resources?.Resources?.['Queue']?.Properties;
  const at = 'resources.Resources.Queue.Properties';
  return {
    visibilityTimeoutSeconds: toNumber(document, `${at}.VisibilityTimeout`, properties?.VisibilityTimeout, 30),
    maxReceiveCount: toNumber(
      document,
      `${at}.RedrivePolicy.maxReceiveCount`,
      properties?.RedrivePolicy?.maxReceiveCount,
      5,
    ),
  };
}

/** Reads a number, also where it stands as `${param:name}` with its value in `params.default`. */
function toNumber(document: ServerlessDocument, at: string, value: unknown, absent: number): number {
  if (value === undefined) return absent;
  const parameter = typeof value === 'string' ? /^\$\{param:(\w+)\}$/.exec(value)?.[1] : undefined;
  const resolved = parameter === undefined ? value : document.params?.default?.[parameter];
  if (typeof resolved === 'number' && Number.isInteger(resolved) && resolved >= 0) return resolved;
  throw new Error(`${at} is ${JSON.stringify(value)}, not a whole number or a \${param:…} with a default`);
}
