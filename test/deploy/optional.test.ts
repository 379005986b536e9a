import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployed, packageInto, type Resource } from './package-into.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e';
const SECRETS =
  'arn:aws:ssm:eu-west-1:111122223333:parameter/tributary/prometheus,arn:aws:secretsmanager:eu-west-1:111122223333:secret:grafana-a1B2c3';

describe('the packaged template, with a key, secrets and traces', () => {
  let folder: string;
  let resources: Readonly<Record<string, Resource>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-optional-'));
    resources = deployed(await packageInto(folder, { kmsKeyArn: KEY, secretArns: SECRETS, tracing: 'Active' }));
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const ofType = (type: string) => Object.entries(resources).filter(([, resource]) => resource.Type === type);

  it('encrypts table, queues and every log group with the key, and with nothing else', () => {
    expect(resources['Table']?.Properties.SSESpecification).toEqual({
      SSEEnabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: KEY,
    });
    for (const [name, { Properties }] of ofType('AWS::SQS::Queue')) {
      const { KmsMasterKeyId, SqsManagedSseEnabled, KmsDataKeyReusePeriodSeconds } = Properties;
      expect([name, KmsMasterKeyId, SqsManagedSseEnabled]).toEqual([name, KEY, undefined]);
      expect(KmsDataKeyReusePeriodSeconds).toBe(3600);
    }
    const groups = ofType('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(ofType('AWS::Lambda::Function').length);
    for (const [name, { Properties }] of groups) expect([name, Properties.KmsKeyId]).toEqual([name, KEY]);
  });

  it('lets each function use the key for what it does with queues and table, and through these alone', () => {
    for (const [name, { Properties }] of ofType('AWS::Lambda::Function')) {
      const role = Properties.Role['Fn::GetAtt'][0];
      const own = actionsOf(resources[role]?.Properties.Policies);
      const uses = (service: string, pattern: RegExp) =>
        own.some((action) => action.startsWith(service) && pattern.test(action));
      const expected = [
        ...(uses('sqs:', /Send/) ? ['sqs kms:Decrypt', 'sqs kms:GenerateDataKey'] : []),
        ...(uses('sqs:', /Receive/) ? ['sqs kms:Decrypt'] : []),
        ...(uses('dynamodb:', /./) ? TABLE_ACTIONS.map((action) => `dynamodb ${action}`) : []),
      ];
      expect([name, keyActionsOf(role)]).toEqual([name, [...new Set(expected)].sort()]);
    }
  });

  it('lets secrets be read by the functions that call servers, and only those that are named', () => {
    const { Roles, PolicyDocument } = resources['SecretsPolicy']?.Properties ?? {};
    expect(Roles).toEqual(['FederationRole', 'QueryRole', 'ApiRole'].map((Ref) => ({ Ref })));
    const [statement, ...others] = PolicyDocument.Statement;
    expect(others).toEqual([]);
    expect([...statement.Action].sort()).toEqual(['secretsmanager:GetSecretValue', 'ssm:GetParameter']);
    expect(statement.Resource).toEqual({ 'Fn::Split': [',', SECRETS] });
  });

  it('has every function traced, and allows no more than that', () => {
    const functions = ofType('AWS::Lambda::Function');
    for (const [name, { Properties }] of functions)
      expect([name, Properties.TracingConfig]).toEqual([name, { Mode: 'Active' }]);
    // In the role itself: Lambda refuses a traced function whose role has not got the right yet.
    for (const [, { Properties }] of functions) {
      const role = Properties.Role['Fn::GetAtt'][0];
      const statements = resources[role]?.Properties.Policies.flatMap(
        (policy: Policy) => policy.PolicyDocument.Statement,
      );
      expect([role, statements.filter(({ Action }: Statement) => `${Action}`.includes('xray'))]).toEqual([
        role,
        [{ Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' }],
      ]);
    }
  });

  /** What a role may do with the key, by the service through which it may. */
  function keyActionsOf(role: string): string[] {
    const policies = ofType('AWS::IAM::Policy').filter(([name]) => name.startsWith('Kms'));
    return policies
      .filter(([, { Properties }]) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
      .flatMap(({ Effect, Action, Resource, Condition }) => {
        expect([Effect, Resource]).toEqual(['Allow', KEY]);
        const via = /^(\w+)\.\$\{AWS::Region\}\.amazonaws\.com$/.exec(
          Condition.StringEquals['kms:ViaService']['Fn::Sub'],
        );
        return Action.map((action: string) => `${via?.[1]} ${action}`);
      })
      .sort();
  }
});

const TABLE_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

interface Statement {
  readonly Action: string | readonly string[];
}

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

function actionsOf(policies: readonly Policy[]): string[] {
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
}
