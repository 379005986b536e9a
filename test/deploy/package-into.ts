import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties are free-form JSON.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly Condition?: string;
}

/** What CloudFormation is given. */
export interface Template {
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** Builds and packages a copy of the project, with no network and no credentials. */
export async function packageInto(folder: string, params: Readonly<Record<string, string>> = {}): Promise<Template> {
  for (const part of [
    'functions',
    'lib',
    'rules',
    'build.mjs',
    'function-bundle.mjs',
    'package.json',
    'serverless.yml',
    'tributary.yml',
  ]) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    SLS_TELEMETRY_DISABLED: '1',
  };
  await run(process.execPath, ['build.mjs'], { cwd: folder, env });
  const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
  await run(join(root, 'node_modules/.bin/serverless'), ['package', ...given], { cwd: folder, env });
  return JSON.parse(readFileSync(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8'));
}

/** The resources that come of a template: those whose condition holds, without what stands under `AWS::NoValue`. */
export function deployed({ Conditions, Resources }: Template): Record<string, Resource> {
  const isTrue = (name: string): boolean => holds(Conditions[name]);
  const present = Object.entries(Resources).filter(([, { Condition }]) => Condition === undefined || isTrue(Condition));
  return settle(Object.fromEntries(present), isTrue) as Record<string, Resource>;
}

/** The two functions that conditions of the template are made of. */
function holds(condition: unknown): boolean {
  const { 'Fn::Not': not, 'Fn::Equals': equals } = condition as Readonly<
    Record<string, readonly unknown[] | undefined>
  >;
  if (not !== undefined) return !holds(not[0]);
  if (equals !== undefined) return equals[0] === equals[1];
  throw new Error(`cannot judge the condition ${JSON.stringify(condition)}`);
}

/** @returns undefined for no value. */
function settle(value: unknown, isTrue: (name: string) => boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => settle(one, isTrue)).filter((one) => one !== undefined);
  const { 'Fn::If': choice, Ref } = value as { readonly 'Fn::If'?: readonly [string, unknown, unknown]; Ref?: string };
  if (choice !== undefined) return settle(isTrue(choice[0]) ? choice[1] : choice[2], isTrue);
  if (Ref === 'AWS::NoValue') return undefined;
  const settled = Object.entries(value).map(([key, one]) => [key, settle(one, isTrue)] as const);
  return Object.fromEntries(settled.filter(([, one]) => one !== undefined));
}
