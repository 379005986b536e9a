/** Units of CloudWatch that metrics of ours have. */
export type EmfUnit = 'Seconds' | 'Milliseconds' | 'Count' | 'Bytes';

export interface EmfMetric {
  readonly name: string;
  readonly unit: EmfUnit;
  readonly value: number;
}

export interface EmfContext {
  /** What an alarm names. */
  readonly functionName: string;
  /** ms */
  readonly timestamp: number;
}

/** Where alarms look for our metrics. */
export const EMF_NAMESPACE = 'Tributary';

/**
 * Metrics as one line of CloudWatch's embedded metric format: written to the log of a function, it becomes metrics without
 * any call. One dimension, the function: every further value of a dimension is another metric that costs, so tenants are
 * none. Write one line an invocation at most, for lines cost as well; what is invoked often has an `EmfMeter`.
 */
export function emfLine(metrics: readonly EmfMetric[], { functionName, timestamp }: EmfContext): string {
  const finite = metrics.filter(({ value }) => Number.isFinite(value));
  const directive = {
    Namespace: EMF_NAMESPACE,
    Dimensions: [['FunctionName']],
    Metrics: finite.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  return `${JSON.stringify({
    _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] },
    FunctionName: functionName,
    ...Object.fromEntries(finite.map(({ name, value }) => [name, value])),
  })}\n`;
}

/** Writes the line where Lambda looks for it; outside of Lambda nobody would read it. */
export function writeEmf(metrics: readonly EmfMetric[], environment: NodeJS.ProcessEnv = process.env): void {
  const functionName = environment['AWS_LAMBDA_FUNCTION_NAME'];
  if (functionName !== undefined) process.stdout.write(emfLine(metrics, { functionName, timestamp: Date.now() }));
}
