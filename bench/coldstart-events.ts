import { NO_ACCOUNT } from '../lib/pipeline/intake-account.ts';
import { encodeWriteRequest } from '../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../lib/prompb/write-request.ts';
import { ATTRIBUTE_TYPE, encodeMessage } from '../lib/queue/message.ts';
import { compress } from '../lib/wire/snappy.ts';

/** The event that a function is first called with: a small request of its kind, or its schedule. */
export function firstEvent(name: string, token: string): unknown {
  if (name === 'remote-write') return writeEvent(token);
  if (name === 'contextualize') return queueEvent();
  if (name === 'api') return readEvent(token);
  return { time: new Date().toISOString(), source: 'aws.events', 'detail-type': 'Scheduled Event' };
}

function series(): TimeSeries[] {
  const now = Date.now();
  return Array.from({ length: 100 }, (_, i) => ({
    labels: Object.entries({
      __name__: 'http_requests_total',
      code: '200',
      handler: `/h${i}`,
      instance: 'a:1',
      job: 'shop',
    }).map(([label, value]) => ({ name: label, value })),
    samples: [{ timestamp: now, value: i }],
    histograms: [],
    exemplars: [],
  }));
}

function writeEvent(token: string) {
  const body = compress(encodeWriteRequest({ timeseries: series(), metadata: [] }, 'prometheus.WriteRequest'));
  const headers = {
    authorization: `Bearer ${token}`,
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return httpEvent('POST', '/api/v1/write', '', headers, Buffer.from(body).toString('base64'));
}

function readEvent(token: string) {
  const headers = { authorization: `Bearer ${token}-reads` };
  return httpEvent('GET', '/api/v1/query', 'query=asserts%3Arequest%3Atotal', headers);
}

function httpEvent(
  method: string,
  rawPath: string,
  rawQueryString: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers,
    requestContext: { requestId: 'coldstart', http: { method, path: rawPath, sourceIp: '127.0.0.1' } },
    ...(body !== undefined && { body }),
    isBase64Encoded: body !== undefined,
  };
}

function queueEvent() {
  const body = compress(encodeWriteRequest({ timeseries: series(), metadata: [] }, 'io.prometheus.write.v2.Request'));
  const envelope = {
    id: 'coldstart-0',
    tenant: 'demo',
    source: 'prometheus',
    plan: 'coldstart',
    receivedAt: Date.now(),
    account: NO_ACCOUNT,
  };
  const { body: text, attributes } = encodeMessage({ envelope, body });
  const messageAttributes = Object.entries(attributes).map(([name, stringValue]) => [
    name,
    { stringValue, dataType: ATTRIBUTE_TYPE },
  ]);
  const messageId = 'coldstart';
  return { Records: [{ messageId, body: text, messageAttributes: Object.fromEntries(messageAttributes) }] };
}
