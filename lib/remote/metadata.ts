import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../model/metadata.ts';
import { expectSuccess } from './expect-success.ts';
import type { FederateOptions } from './federate.ts';
import type { RemoteClient } from './remote-client.ts';
import { RemoteError } from './remote-error.ts';

/**
 * Reads types, helps and units of a server's metrics from `/api/v1/metadata`, the first of each family. What is no
 * metadata in the answer is left out.
 *
 * @throws RemoteError
 */
export async function fetchMetadata(client: RemoteClient, options: FederateOptions): Promise<MetricMetadata[]> {
  const url = `${client.url}/api/v1/metadata`;
  const { body } = expectSuccess(
    await client.send({
      method: 'GET',
      path: '/api/v1/metadata',
      params: [['limit_per_metric', '1']],
      headers: { accept: 'application/json' },
      ...options,
    }),
    url,
  );
  const families = parseFamilies(body);
  if (families === undefined)
    throw new RemoteError('bad_response', `cannot read ${url}: it is no answer with metadata`);
  return Object.entries(families).flatMap(([metricFamilyName, entries]) => {
    const [entry] = Array.isArray(entries) ? (entries as unknown[]) : [];
    return typeof entry === 'object' && entry !== null ? [toMetadata(metricFamilyName, entry)] : [];
  });
}

function parseFamilies(body: Buffer): object | undefined {
  try {
    const answer = JSON.parse(body.toString('utf8')) as { status?: unknown; data?: unknown } | null;
    const data = answer?.status === 'success' ? answer.data : undefined;
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function toMetadata(metricFamilyName: string, entry: Readonly<Record<string, unknown>> | object): MetricMetadata {
  const { type, help, unit } = entry as Readonly<Record<string, unknown>>;
  return { metricFamilyName, type: asType(type), help: asText(help), unit: asText(unit) };
}

function asType(value: unknown): MetricType {
  return METRIC_TYPES.find((type) => type === value) ?? 'unknown';
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
