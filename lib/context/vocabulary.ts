import type { MetricMetadata } from '../model/metadata.ts';

/** A metric of the closed set that rules may record. */
export interface VocabularyMetric extends MetricMetadata {
  /** Labels without which nobody could tell what a series of it is about. */
  readonly mandatoryLabels: readonly string[];
}

const REQUEST_LABELS = ['asserts_request_type', 'asserts_source'];
const ERROR_LABELS = [...REQUEST_LABELS, 'asserts_error_type'];
const RESOURCE_LABELS = ['asserts_resource_type', 'asserts_entity_type', 'asserts_source'];
const QUANTILE_LABELS = [...REQUEST_LABELS, 'asserts_entity_type'];

/** Every contextualized metric: name, type, unit, help, mandatory labels. Sorted by signal. */
export const VOCABULARY: readonly VocabularyMetric[] = [
  counter('asserts:request:total', 'requests', 'Requests and operations, in any direction.', REQUEST_LABELS),
  gauge(
    'asserts:request:gauge',
    'requests_per_second',
    'Request rate, where the source has only a rate.',
    REQUEST_LABELS,
  ),
  gauge('asserts:request:rate5m', 'requests_per_second', 'Request rate over five minutes.', REQUEST_LABELS),
  counter('asserts:error:total', 'requests', 'Failed requests, by asserts_error_type.', ERROR_LABELS),
  gauge('asserts:error:gauge', 'requests_per_second', 'Error rate, where the source has only a rate.', ERROR_LABELS),
  gauge('asserts:error:ratio', 'ratio', 'Failed requests by all requests.', ERROR_LABELS),
  counter(
    'asserts:client:error:total',
    'requests',
    'Inbound requests that the client got wrong (4xx).',
    REQUEST_LABELS,
  ),
  gauge(
    'asserts:client:error:gauge',
    'requests_per_second',
    'Rate of inbound requests that the client got wrong, where the source has only a rate.',
    REQUEST_LABELS,
  ),
  gauge('asserts:client:error:ratio', 'ratio', 'Requests that the client got wrong by all requests.', REQUEST_LABELS),
  counter('asserts:latency:total', 'seconds', 'Accumulated latency.', REQUEST_LABELS),
  counter('asserts:latency:count', 'requests', 'Observations in asserts:latency:total.', REQUEST_LABELS),
  counter('asserts:latency:bucket', 'requests', 'Observations of at most `le` seconds.', REQUEST_LABELS),
  histogram('asserts:latency:histogram', 'Latency of all requests, as native histograms.', REQUEST_LABELS),
  histogram('asserts:error:histogram', 'Latency of failed requests, as native histograms.', ERROR_LABELS),
  histogram(
    'asserts:client:error:histogram',
    'Latency of inbound requests that the client got wrong, as native histograms.',
    REQUEST_LABELS,
  ),
  gauge('asserts:latency:average', 'seconds', 'Mean latency.', REQUEST_LABELS),
  gauge('asserts:latency:p95', 'seconds', '95th percentile of the latency of one request context.', QUANTILE_LABELS),
  gauge('asserts:latency:p99', 'seconds', '99th percentile of the latency of one request context.', QUANTILE_LABELS),
  gauge('asserts:latency:service:p99', 'seconds', '99th percentile of the latency of a service.', QUANTILE_LABELS),
  gauge('asserts:resource', 'ratio', 'Use of a resource against its limit, 0 to 1.', RESOURCE_LABELS),
  gauge('asserts:resource:usage', '', 'Use of a resource in its own unit.', RESOURCE_LABELS),
  counter('asserts:resource:total', '', 'Counter of a resource (bytes, operations, seconds).', RESOURCE_LABELS),
  gauge('asserts:resource:gauge', '', 'Gauge of a resource in its own unit.', RESOURCE_LABELS),
  gauge('asserts:resource:rate', '', 'Rate of asserts:resource:total over five minutes.', RESOURCE_LABELS),
  gauge('asserts:version:info', '', 'The label `version` says what runs; always 1.', [
    'asserts_source',
    'asserts_version_type',
    'version',
  ]),
  gauge('asserts:relation:calls', '', 'One service calls another (labels dst_*).', ['asserts_source']),
  gauge('asserts:relation:routes', '', 'One component routes to another (labels dst_*).', ['asserts_source']),
  gauge('asserts:mixin_pod_workload', '', 'The workload of a pod; always 1.', ['asserts_source']),
  gauge('asserts:mixin_workload_job', '', 'The scrape job of a workload; always 1.', ['asserts_source']),
];

/** What a context label may hold: values known today, and the form of values that people may add for themselves. */
export interface ContextLabel {
  readonly name: string;
  readonly values: readonly string[];
  /** Absent where only the known values mean anything. */
  readonly form?: RegExp;
}

const WORD = /^[a-z][a-z0-9_.-]*$/;

/** Every label whose name begins with `asserts_` that a rule or relabel config may write. */
export const CONTEXT_LABELS: readonly ContextLabel[] = [
  { name: 'asserts_env', values: [], form: /.+/ },
  { name: 'asserts_site', values: [], form: /.+/ },
  { name: 'asserts_name', values: [], form: /.+/ },
  { name: 'asserts_source', values: [], form: WORD },
  {
    name: 'asserts_request_type',
    values: [
      'inbound',
      'outbound',
      'internal',
      'method',
      'executor',
      'logger',
      'timer_task',
      'query',
      'statements',
      'page',
      'api',
      'connection',
      'records',
    ],
    form: WORD,
  },
  { name: 'asserts_request_context', values: [], form: /.+/ },
  {
    name: 'asserts_error_type',
    values: [
      'server_errors',
      'client_errors',
      'user_error',
      'system_error',
      'http_errors',
      'rejected',
      'unroutable',
      'redelivered',
    ],
    form: WORD,
  },
  { name: 'asserts_resource_type', values: [], form: /^[a-z][a-z0-9_]*(:[a-z][a-z0-9_]*)?$/ },
  {
    name: 'asserts_entity_type',
    values: [
      'Service',
      'ServiceInstance',
      'Pod',
      'Node',
      'Namespace',
      'Volume',
      'Topic',
      'Database',
      'Queue',
      'Job',
      'Frontend',
      'AutoScalingGroup',
    ],
    form: /^[A-Z][A-Za-z0-9]*$/,
  },
  { name: 'asserts_alert_category', values: ['saturation', 'amend', 'anomaly', 'failure', 'error'] },
  { name: 'asserts_severity', values: ['info', 'warning', 'critical'] },
  { name: 'asserts_version_type', values: ['service', 'exporter', 'runtime'] },
  { name: 'asserts_threshold_level', values: [], form: WORD },
  { name: 'asserts_component', values: [], form: WORD },
  { name: 'asserts_subtype', values: [], form: WORD },
  { name: 'asserts_broker_type', values: [], form: WORD },
];

/** The metric of that name, or undefined when the vocabulary has none. */
export function vocabularyMetric(name: string): VocabularyMetric | undefined {
  return BY_NAME.get(name);
}

const BY_NAME = new Map(VOCABULARY.map((metric) => [metric.metricFamilyName, metric]));

function counter(
  metricFamilyName: string,
  unit: string,
  help: string,
  mandatoryLabels: readonly string[],
): VocabularyMetric {
  return { metricFamilyName, type: 'counter', unit, help, mandatoryLabels };
}

function gauge(
  metricFamilyName: string,
  unit: string,
  help: string,
  mandatoryLabels: readonly string[],
): VocabularyMetric {
  return { metricFamilyName, type: 'gauge', unit, help, mandatoryLabels };
}

function histogram(metricFamilyName: string, help: string, mandatoryLabels: readonly string[]): VocabularyMetric {
  return { metricFamilyName, type: 'histogram', unit: 'seconds', help, mandatoryLabels };
}
