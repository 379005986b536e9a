/**
 * The labels that derived request metrics are about: where, what, of which kind, and which operation. Every rule of every
 * pack aggregates by these, so that metrics can be joined and divided; raw labels, instances and pods are summed over.
 */
export const REQUEST_KEYS = [
  'asserts_env',
  'asserts_site',
  'namespace',
  'workload',
  'service',
  'job',
  'container',
  'asserts_source',
  'asserts_request_type',
  'asserts_request_context',
] as const;

/** The same for resources, which belong to one pod, node or instance. */
export const RESOURCE_KEYS = [
  'asserts_env',
  'asserts_site',
  'namespace',
  'workload',
  'service',
  'job',
  'pod',
  'node',
  'container',
  'instance',
] as const;
