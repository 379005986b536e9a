/** Units of CloudWatch that metrics of ours have. */
export type EmfUnit = 'Seconds' | 'Milliseconds' | 'Count' | 'Bytes';

export interface EmfMetric {
  readonly name: string;
  readonly unit: EmfUnit;
  readonly value: number;
}

/** Which figures become metrics, each of which costs: all of them, or those that alarms look at. */
export type EmfSelection = 'all' | 'alarms';

export interface EmfContext {
  /** What an alarm names. */
  readonly functionName: string;
  /** What is left out stands in the line all the same, where CloudWatch Logs Insights finds it. Default: all. */
  readonly selection?: EmfSelection;
  /** ms */
  readonly timestamp: number;
}

/** Where alarms look for our metrics. */
export const EMF_NAMESPACE = 'Tributary';

/** The alarms of serverless.yml. */
const ALARMED: ReadonlySet<string> = new Set(['EvaluationLag', 'CompactionBacklog', 'ServerFaults']);

/**
 * Metrics as one line of CloudWatch's embedded metric format: written to the log of a function, it becomes metrics without
 * any call. One dimension, the function: every further value of a dimension is another metric that costs, so tenants are
 * none. Write one line an invocation at most, for lines cost as well; what is invoked often has an `EmfMeter`.
 */
export function emfLine(
  metrics: readonly EmfMetric[],
  { functionName, selection = 'all', timestamp }: EmfContext,
): string {
  const finite = metrics.filter(({ value }) => Number.isFinite(value));
  const selected = finite.filter(({ name }) => selection === 'all' || ALARMED.has(name));
  const directive = {
    Namespace: EMF_NAMESPACE,
    Dimensions: [['FunctionName']],
    Metrics: selected.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  return `${JSON.stringify({
    _aws: { Timestamp: timestamp, CloudWatchMetrics: selected.length > 0 ? [directive] : [] },
    FunctionName: functionName,
    ...Object.fromEntries(finite.map(({ name, value }) => [name, value])),
  })}\n`;
}

/** Writes the line where Lambda looks for it; outside of Lambda nobody would read it. */
export function writeEmf(metrics: readonly EmfMetric[], environment: NodeJS.ProcessEnv = process.env): void {
  const functionName = environment['AWS_LAMBDA_FUNCTION_NAME'];
  if (functionName === undefined) return;
  const selection = environment['METRICS'] === 'alarms' ? 'alarms' : 'all';
  process.stdout.write(emfLine(metrics, { functionName, selection, timestamp: Date.now() }));
}
