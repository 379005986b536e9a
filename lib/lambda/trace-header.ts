/**
 * What links a message to the invocation that sent it, where that is traced by X-Ray (serverless.yml, `tracing`). Lambda
 * sets it anew with every invocation; SQS takes it with the call and hands it to whoever receives the message.
 */
export function traceHeader(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const header = environment['_X_AMZN_TRACE_ID'];
  return header?.includes('Sampled=1') === true ? header : undefined;
}
