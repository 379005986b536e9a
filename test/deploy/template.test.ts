import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMF_NAMESPACE } from '../../lib/lambda/emf.ts';
import { answerMetrics } from '../../lib/lambda/report-answers.ts';
import { compactionMetrics } from '../../lib/lambda/report-compactions.ts';
import { evaluationMetrics } from '../../lib/lambda/report-evaluations.ts';
import { intakeMetrics } from '../../lib/lambda/report-intake.ts';
import { MAX_SQS_BYTES } from '../../lib/queue/message.ts';
import { findSecrets } from '../supply-chain/find-secrets.ts';
import { deployed, packageInto, type Resource } from './package-into.ts';

const root = resolve(import.meta.dirname, '../..');

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What the event source mapping and the log driver do on a function's behalf, beside its own SDK calls. */
const LOG_ACTIONS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const POLLER_ACTIONS = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

/** IAM action of each SDK command the project may use. A batch send is authorised as a send. */
const ACTION_OF: Readonly<Record<string, string>> = {
  SendMessageBatchCommand: 'sqs:SendMessage',
  SendMessageCommand: 'sqs:SendMessage',
  ReceiveMessageCommand: 'sqs:ReceiveMessage',
  BatchWriteItemCommand: 'dynamodb:BatchWriteItem',
  PutItemCommand: 'dynamodb:PutItem',
  UpdateItemCommand: 'dynamodb:UpdateItem',
  QueryCommand: 'dynamodb:Query',
  GetItemCommand: 'dynamodb:GetItem',
  BatchGetItemCommand: 'dynamodb:BatchGetItem',
};

describe('the packaged template', () => {
  let folder: string;
  let resources: Readonly<Record<string, Resource>>;
  let outputs: Readonly<Record<string, { Value: unknown }>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-package-'));
    const template = await packageInto(folder);
    resources = deployed(template);
    outputs = template.Outputs;
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const ofType = (type: string) => Object.entries(resources).filter(([, resource]) => resource.Type === type);

  it('gives every function its own role and a runtime that AWS still takes', () => {
    const functions = ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    expect(functions).toHaveLength(readdirSync(join(root, 'functions')).length);
    expect(new Set(functions.map(({ Role }) => JSON.stringify(Role))).size).toBe(functions.length);
    for (const { Runtime, Architectures } of functions) {
      expect([Runtime, Architectures]).toEqual(['nodejs24.x', ['arm64']]);
    }
  });

  it('allows each role exactly what the code of its function calls, on named resources only', async () => {
    for (const [name, { Properties }] of ofType('AWS::Lambda::Function')) {
      const entry = String(Properties.Handler).replace(/^dist\/(.+)\.handler$/, 'functions/$1.ts');
      const role = resources[Properties.Role['Fn::GetAtt'][0]];
      const statements: Statement[] = role?.Properties.Policies.flatMap(
        (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
      );
      const expected = [...(await actionsUsedBy(entry)), ...LOG_ACTIONS, ...(isPolled(name) ? POLLER_ACTIONS : [])];
      expect([name, statements.flatMap(({ Action }) => Action).sort()]).toEqual([name, [...new Set(expected)].sort()]);
      for (const { Effect, Resource } of statements) {
        expect(Effect).toBe('Allow');
        expect(typeof Resource === 'string' ? Resource : 'reference').toBe('reference');
        expect(JSON.stringify(Resource)).not.toContain('*');
      }
    }
  });

  it('lets no secret be read where none is named, uses no key of the user, and traces nothing', () => {
    expect(Object.keys(resources).filter((name) => /Secret|Kms|Trace/.test(name))).toEqual([]);
    expect(JSON.stringify(resources)).not.toMatch(/secretsmanager|ssm:|kms|xray|"Mode":"Active"/i);
  });

  it('delivers the queue with partial batch responses, bounded concurrency and a dead-letter queue', () => {
    const [[, mapping] = []] = ofType('AWS::Lambda::EventSourceMapping');
    expect(mapping?.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    expect(mapping?.Properties.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
    const redrive = resources['Queue']?.Properties.RedrivePolicy;
    expect(redrive.deadLetterTargetArn).toEqual({ 'Fn::GetAtt': ['DeadLetters', 'Arn'] });
    const worker = resources['ContextualizeLambdaFunction']?.Properties;
    const window = mapping?.Properties.MaximumBatchingWindowInSeconds;
    expect(resources['Queue']?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker.Timeout + window);
  });

  it('has queues that take the largest message which is sent, whatever AWS takes by default', () => {
    for (const [name, { Properties }] of ofType('AWS::SQS::Queue'))
      expect([name, Properties.MaximumMessageSize]).toEqual([name, MAX_SQS_BYTES]);
  });

  it('lets calls of the schedule that Lambda has no room for expire, instead of making them all later', () => {
    const ages = ofType('AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => [
      Properties.FunctionName.Ref,
      Properties.MaximumEventAgeInSeconds,
    ]);
    const ageOf: Readonly<Record<string, number>> = Object.fromEntries(ages);
    const rules = ofType('AWS::Events::Rule').map(([, { Properties }]) => Properties);
    expect(rules.length).toBeGreaterThan(0);
    for (const { ScheduleExpression, Targets } of rules) {
      const name = Targets[0].Arn['Fn::GetAtt'][0];
      const seconds = 60 * Number(/^rate\((\d+) minutes?\)$/.exec(ScheduleExpression)?.[1]);
      expect([name, (ageOf[name] ?? Number.POSITIVE_INFINITY) <= 2 * seconds]).toEqual([name, true]);
    }
  });

  it('keeps the table on demand, recoverable, expiring, and through a removal of the stack', () => {
    const table = resources['Table'];
    expect(table?.Properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(table?.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
    expect(table?.Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(table?.DeletionPolicy).toBe('Retain');
  });

  it('raises alarms on dead letters, on faults of ours and on every scheduled function that fails, and keeps logs for a bounded time', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    expect(new Set(alarmMetrics().map(({ MetricName }) => MetricName))).toEqual(
      new Set([
        ...['ServerFaults', 'ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible', 'CompactionBacklog'],
        ...['Errors', 'EvaluationLag', 'Throttles'],
      ]),
    );
    const scheduled = ofType('AWS::Events::Rule').map(
      ([, { Properties }]) => Properties.Targets[0].Arn['Fn::GetAtt'][0],
    );
    const watched = alarms
      .filter(({ MetricName }) => MetricName === 'Errors')
      .map((alarm) => alarm.Dimensions[0].Value.Ref);
    expect(scheduled.length).toBeGreaterThan(0);
    expect(watched.sort()).toEqual(scheduled.sort());
    for (const [, { Properties }] of ofType('AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBeGreaterThan(0);
    expect(ofType('AWS::Logs::LogGroup')).toHaveLength(ofType('AWS::Lambda::Function').length);
  });

  it('raises alarms on metrics that functions write themselves, under the names they write', () => {
    const names = (metrics: readonly { readonly name: string }[]) => metrics.map(({ name }) => name);
    const request = { requestId: '', body: new Uint8Array() };
    const response = { status: 204, headers: {}, body: '', outcome: {} };
    const intake = intakeMetrics({ request, response, durationMs: 0 });
    const answers = answerMetrics({ requestId: '', method: 'GET', route: '', status: 200, durationMs: 0 });
    const written: Readonly<Record<string, readonly string[]>> = {
      EvaluateLambdaFunction: names(evaluationMetrics([], 0)),
      CompactLambdaFunction: names(compactionMetrics([])),
      RemoteWriteLambdaFunction: names(intake),
      ApiLambdaFunction: names(answers),
    };
    const own = alarmMetrics().filter(({ Namespace }) => Namespace === EMF_NAMESPACE);
    expect(own.length).toBeGreaterThan(0);
    for (const { MetricName, Dimensions } of own) {
      const [{ Name, Value }] = Dimensions;
      expect([MetricName, Name, written[Value.Ref]?.includes(MetricName)]).toEqual([MetricName, 'FunctionName', true]);
    }
    // Silence is an alarm where the function speaks every minute.
    expect(resources['EvaluationLagAlarm']?.Properties.TreatMissingData).toBe('breaching');
  });

  it('raises no alarm where tenants are told to wait: it adds up what functions call their own fault, and what ended them', () => {
    const { Metrics } = resources['ServerFaultsAlarm']?.Properties ?? {};
    const [{ Expression }, ...parts] = Metrics;
    const terms = Expression.split(' + ').map((term: string) => /^FILL\((\w+), 0\)$/.exec(term)?.[1]);
    expect(terms).toEqual(parts.map(({ Id }: { Id: string }) => Id));
    const told = parts.map(({ MetricStat: { Metric } }: never) => metricText(Metric));
    expect(told).toEqual(
      ['ServerFaults', 'Errors', 'Throttles'].flatMap((name) => [`${name} RemoteWrite`, `${name} Api`]),
    );
    // The gateway cannot tell one 5xx from another.
    expect(alarmMetrics().filter(({ Namespace }) => Namespace === 'AWS/ApiGateway')).toEqual([]);
  });

  it('encrypts what rests, and refuses queues in the clear', () => {
    const queues = ofType('AWS::SQS::Queue');
    for (const [name, { Properties }] of queues) expect([name, Properties.SqsManagedSseEnabled]).toEqual([name, true]);
    const policies = ofType('AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);
    // A policy that covers several queues is refused by SQS.
    expect(policies.map(({ Queues }) => Queues)).toEqual(queues.map(([Ref]) => [{ Ref }]));
    for (const { Queues, PolicyDocument } of policies) {
      const Resource = { 'Fn::GetAtt': [Queues[0].Ref, 'Arn'] };
      const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
      expect(PolicyDocument.Statement).toEqual([
        { Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource, Condition },
      ]);
    }
    // DynamoDB encrypts every table and takes TLS alone.
    expect(resources['Table']?.Properties.SSESpecification).toBeUndefined();
  });

  it('allows nothing on everything, and shows no secret', () => {
    for (const [name, { Type, Properties }] of Object.entries(resources)) {
      // Policies of resources only deny: what is not TLS.
      if (['AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy'].includes(Type)) {
        for (const { Effect } of Properties.PolicyDocument.Statement) expect([name, Effect]).toEqual([name, 'Deny']);
        continue;
      }
      expect([name, JSON.stringify(Properties)]).toEqual([
        name,
        expect.not.stringMatching(/"Action":\["?\*|"Resource":"\*"|"Principal":"\*"|"NotAction"|"NotResource"/),
      ]);
    }
    expect(findSecrets(JSON.stringify(resources))).toEqual([]);
  });

  it('tells the remote_write block to paste', () => {
    const block = JSON.stringify(outputs['RemoteWriteBlock']?.Value);
    for (const part of ['/api/v1/write', 'basic_auth', 'retry_on_http_429: true', 'max_samples_per_send: 10000']) {
      expect(block).toContain(part);
    }
  });

  /** What alarms look at: one metric, or several that are added up. */
  function alarmMetrics() {
    return ofType('AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) =>
      Properties.Metrics === undefined
        ? [Properties]
        : Properties.Metrics.flatMap((one: { MetricStat?: { Metric: unknown } }) => one.MetricStat?.Metric ?? []),
    );
  }

  function isPolled(functionName: string): boolean {
    return ofType('AWS::Lambda::EventSourceMapping').some(([, { Properties }]) =>
      JSON.stringify(Properties.FunctionName).includes(functionName),
    );
  }
});

interface AlarmMetric {
  readonly MetricName: string;
  readonly Dimensions: readonly [{ readonly Value: { readonly Ref: string } }];
}

function metricText({ MetricName, Dimensions: [{ Value }] }: AlarmMetric): string {
  return `${MetricName} ${Value.Ref.replace('LambdaFunction', '')}`;
}

/** The IAM actions behind every SDK command that the function's bundle constructs. */
async function actionsUsedBy(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && !file.includes('node_modules'))
      .map(([file]) => file),
  );
  // Commands of the SDK, and the calls that lib/queue makes without it.
  const commands = bundled.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/new (\w+Command)\(|await call\('(\w+)'/g)].map(
      ([, command, action]) => command ?? `${action}Command`,
    ),
  );
  return [...new Set(commands.map((command) => ACTION_OF[command] ?? `unknown: ${command}`))];
}
