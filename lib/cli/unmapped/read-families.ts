import { readFileSync } from 'node:fs';
import type { ReadSecret, RemoteAccess } from '../../context/remote-access.ts';
import { Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { type MetricFamily, metricFamilies } from '../../plan/unmapped/metric-family.ts';
import { expectSuccess } from '../../remote/expect-success.ts';
import { fetchMetadata } from '../../remote/metadata.ts';
import { newRemoteClient, type RemoteClient } from '../../remote/remote-client.ts';
import { RemoteError } from '../../remote/remote-error.ts';
import { ExpositionError } from '../../textparse/errors.ts';
import { parsePage } from '../../textparse/parse-page.ts';
import { CommandError } from '../command-error.ts';
import { Probe } from '../doctor/probe.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** What series have in Prometheus that an exposition page does not tell. */
const OF_SCRAPE = { job: 'unknown', instance: 'unknown' };

/** Who types a URL means it, wherever it leads; metadata services are never asked. */
const OPEN: RemoteAccess = { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: ['private', 'loopback'] };

const NO_SECRETS: ReadSecret = (text) => text;

/**
 * The families of an exposition page, from a file or a URL.
 *
 * @throws CommandError when it cannot be read.
 */
export async function familiesOfPage(from: string, timeout: number): Promise<MetricFamily[]> {
  const { series, metadata } = await seriesOfPage(from, timeout);
  return metricFamilies(
    series.map((labels) => Labels.from({ ...OF_SCRAPE, ...labels.toJSON() })),
    metadata,
  );
}

/**
 * The series of an exposition page, from a file or a URL, with the labels that stand there.
 *
 * @throws CommandError when it cannot be read.
 */
export async function seriesOfPage(
  from: string,
  timeout: number,
): Promise<{ readonly series: readonly Labels[]; readonly metadata: readonly MetricMetadata[] }> {
  const isUrl = /^https?:\/\//.test(from);
  try {
    const page = isUrl ? await fetchPage(from, timeout) : { body: readFileSync(from), contentType: undefined };
    const { series, metadata } = parsePage(page.body, {
      contentType: page.contentType,
      fallback: guessedSyntax(page.body),
    });
    return { series: series.map(({ labels }) => labels), metadata };
  } catch (error) {
    if (!isExpected(error)) throw error;
    throw new CommandError(
      `cannot read ${from}: ${error.message}; give a file or URL of metrics as Prometheus scrapes them`,
    );
  }
}

/** Of a file nobody says what it is: OpenMetrics has an end, protobuf no printable beginning. */
function guessedSyntax(body: Uint8Array): 'text' | 'openmetrics' | 'protobuf' {
  const end = Buffer.from(body.subarray(-16)).toString('latin1').trimEnd();
  if (end.endsWith('# EOF')) return 'openmetrics';
  const [first = 0x23] = body;
  return first === 0x0a || first >= 0x20 ? 'text' : 'protobuf';
}

async function fetchPage(
  from: string,
  timeout: number,
): Promise<{ body: Uint8Array; contentType: string | undefined }> {
  const url = new URL(from);
  const client = newRemoteClient({ url: url.origin, access: OPEN, secret: NO_SECRETS });
  try {
    const response = await client.send({
      method: 'GET',
      path: url.pathname,
      params: [...url.searchParams],
      headers: { accept: 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1' },
      timeout,
      maxBytes: MAX_BYTES,
    });
    const { body, headers } = expectSuccess(response, from);
    return { body, contentType: headers['content-type'] };
  } finally {
    client.close();
  }
}

/** Metrics in one question, and series that are looked at of them. */
const CHUNK = 20;
const SERIES = 2000;

export interface ServerQuestion {
  readonly url: string;
  readonly access: RemoteAccess;
  readonly secret: ReadSecret;
  /** ms for one question. */
  readonly timeout: number;
}

/**
 * The families that a Prometheus has.
 *
 * @throws CommandError when it does not answer.
 */
export async function familiesOfServer({ url, access, secret, timeout }: ServerQuestion): Promise<MetricFamily[]> {
  const client = newRemoteClient({ url, access, secret });
  try {
    const probe = new Probe(client, { timeout, total: timeout * 30 });
    const metadata = await fetchMetadata(client, probe.limits);
    const names = await metricNames(probe, client);
    const series = [];
    for (let i = 0; i < names.length; i += CHUNK) {
      const found = await probe.someSeries(names.slice(i, i + CHUNK), SERIES);
      series.push(...found.map(({ labels }) => labels));
    }
    return metricFamilies(series, metadata);
  } catch (error) {
    if (!isExpected(error)) throw error;
    throw new CommandError(`cannot ask ${url} for its metrics: ${error.message}; \`tributary doctor\` tells more`);
  } finally {
    client.close();
  }
}

async function metricNames(probe: Probe, client: RemoteClient): Promise<string[]> {
  const names = await probe.data('/api/v1/label/__name__/values');
  if (Array.isArray(names)) return names.map(String);
  throw new RemoteError('bad_response', `cannot read the metric names of ${client.url}: they are no list`);
}

function isExpected(error: unknown): error is Error {
  const isMissing = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return isMissing || error instanceof RemoteError || error instanceof ExpositionError;
}
