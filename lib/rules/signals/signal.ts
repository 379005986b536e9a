import { z } from 'zod';
import { closedMap, labelMap } from '../shapes.ts';
import { parseContextTemplate } from './context-template.ts';
import { DURATION_UNITS } from './duration-unit.ts';
import { parseMatchers, parseSelector } from './selector.ts';

const text = (what: string) => z.string(`is missing; give ${what}`).min(1, `is empty; give ${what}`);
const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);
const labelName = text('the name of a label').regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is not a label name');
const factor = z.number('must be a number').positive('must be above 0').finite('must be a number');

const selector = text('the name of a metric')
  .transform(readBy(parseSelector))
  .describe('A metric, perhaps with matchers: x_total or x_total{job="shop"}.');
const matchers = z
  .string('must be PromQL matchers such as code=~"5.."')
  .transform(readBy(parseMatchers))
  .describe('PromQL matchers as between the braces of a selector. May be empty.');
const template = text("labels in braces: '{method} {route}'").transform(readBy(parseContextTemplate));

/** Passes a text on as what `parse` makes of it; what it throws is the mistake. */
function readBy<T>(parse: (text: string) => T) {
  return (given: string, context: z.core.$RefinementCtx): T => {
    try {
      return parse(given);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message, input: given });
      return z.NEVER;
    }
  };
}

const COMMON = {
  name: text('the signal a name').describe('Unique in the file; the group of its rules.'),
  source: text('the source, such as spring_boot').describe('asserts_source of everything it records.'),
  where: matchers.describe('Matchers added to every selector of the signal.').optional(),
  labels: labelMap.describe('More labels on everything it records.').optional(),
};

const unit = choice(DURATION_UNITS)
  .describe('What durations are measured in; they are recorded in seconds.')
  .optional();

const errorKind = closedMap({
  type: text('the type, such as server_errors').describe('asserts_error_type.'),
  when: matchers.describe('Matchers of the requests that failed so.'),
});

const REQUEST = {
  ...COMMON,
  request_type: text('the direction, such as inbound').describe('asserts_request_type.'),
  context: z
    .union([template.transform((one) => [one]), z.array(template).min(1)], {
      error: "must be a list of templates such as ['{method} {route}', '{path}']",
    })
    .describe('Templates of asserts_request_context; the first whose labels all have a value.')
    .optional(),
  exclude_health: z
    .boolean('must be true or false')
    .describe('Leave out /metrics, /health, /ready, /live, /actuator. Default true for inbound.')
    .optional(),
};

const FAILURES = {
  errors: z
    .array(errorKind, 'must be a list such as [{type: server_errors, when: \'code=~"5.."\'}]')
    .describe('Failed requests, by asserts_error_type.')
    .optional(),
  client_errors: matchers.describe('Inbound requests that the client got wrong.').optional(),
};

const SCALE = {
  multiply: factor.describe('Multiplies every value.').optional(),
  divide: factor.describe('Divides every value.').optional(),
};

const RESOURCE = {
  ...COMMON,
  resource_type: text('the resource, such as heap:usage').describe('asserts_resource_type.'),
  entity_type: text('the entity, such as Service').describe('asserts_entity_type.'),
};

/** Every kind of signal: the keys it has. What they must be to each other is checked by `parseSignalsFile`. */
export const SIGNAL_SHAPES = {
  histogram: closedMap({
    kind: z.literal('histogram'),
    ...REQUEST,
    metric: selector.describe('The base name; _bucket, _sum and _count follow.'),
    unit,
    requests: z.boolean('must be true or false').describe('false where another signal counts the requests.').optional(),
    ...FAILURES,
  }),
  requestRate: closedMap({
    kind: z.literal('requestRate'),
    ...REQUEST,
    metric: selector,
    type: choice(['counter', 'gauge']).describe('A gauge is a rate per second.'),
    ...SCALE,
    ...FAILURES,
  }),
  requestError: closedMap({
    kind: z.literal('requestError'),
    ...REQUEST,
    metric: selector,
    type: choice(['counter', 'gauge']).describe('A gauge is a rate per second.'),
    ...SCALE,
    ...FAILURES,
  }),
  latencyAverage: closedMap({
    kind: z.literal('latencyAverage'),
    ...REQUEST,
    sum: selector.describe('A counter of accumulated durations.').optional(),
    sum_unit: unit,
    count: selector.describe('A counter of what sum adds up.').optional(),
    gauge: selector.describe('A mean that is ready-made.').optional(),
    unit,
  }),
  latencyQuantile: closedMap({
    kind: z.literal('latencyQuantile'),
    ...REQUEST,
    metric: selector.describe('The base name of a histogram.').optional(),
    summary: selector.describe('A summary, or gauges with the label quantile.').optional(),
    quantiles: z
      .record(
        z.string(),
        choice(['p95', 'p99']),
        "must be a map of values of the label quantile, such as {'0.99': p99}",
      )
      .describe('Which values of the label quantile are p95 and p99.')
      .optional(),
    gauge: selector.describe('One quantile that is ready-made.').optional(),
    quantile: choice(['p95', 'p99']).describe('Which one the gauge is.').optional(),
    unit,
  }),
  utilisation: closedMap({
    kind: z.literal('utilisation'),
    ...RESOURCE,
    used: selector.describe('What is used, in any unit.'),
    used_type: choice(['gauge', 'counter']).describe('A counter is used by its rate. Default gauge.').optional(),
    limit: selector
      .describe('What can be used, in the same unit. Left out where used, divided, is a share already.')
      .optional(),
    by: z
      .array(labelName, 'must be a list of label names')
      .describe('Labels by which parts have limits of their own.')
      .optional(),
    aggregate: choice(['sum', 'max'])
      .describe(
        'How parts become one: shares of a whole (sum) or the fullest part (max). Default max with by, else sum.',
      )
      .optional(),
    ...SCALE,
  }),
  resource: closedMap({
    kind: z.literal('resource'),
    ...RESOURCE,
    metric: selector,
    type: choice(['counter', 'gauge', 'usage']).describe(
      'counter: an amount that grows; usage: an amount in use; gauge: any other.',
    ),
    ...SCALE,
  }),
  info: closedMap({
    kind: z.literal('info'),
    ...COMMON,
    version_type: choice(['service', 'exporter', 'runtime']).describe('asserts_version_type.'),
    metric: selector,
    version_label: labelName.describe('The label that holds the version. Default version.').optional(),
  }),
  relation: closedMap({
    kind: z.literal('relation'),
    ...COMMON,
    metric: selector,
    type: choice(['counter', 'gauge']).describe('Default counter.').optional(),
    relation: choice(['calls', 'routes']).describe('What the one does with the other. Default calls.').optional(),
    from: z
      .record(labelName, labelName, 'must be a map of labels to the labels of the metric')
      .describe('Labels of the one, and the raw labels that hold them.'),
    to: z
      .record(labelName, labelName, 'must be a map of labels to the labels of the metric')
      .describe('Labels of the other; they are recorded with dst_ in front.'),
  }),
} as const;

export type SignalKind = keyof typeof SIGNAL_SHAPES;
export type SignalOf<K extends SignalKind> = z.output<(typeof SIGNAL_SHAPES)[K]>;
export type Signal = { [K in SignalKind]: SignalOf<K> }[SignalKind];
/** The kinds that are about requests. */
export type RequestSignal = SignalOf<
  'histogram' | 'requestRate' | 'requestError' | 'latencyAverage' | 'latencyQuantile'
>;
export type ResourceSignal = SignalOf<'utilisation' | 'resource'>;
