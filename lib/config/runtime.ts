import { readFileSync } from 'node:fs';
import type { Tenant } from '../context/tenant.ts';
import type { EvaluationSettings } from '../pipeline/evaluate/evaluation-settings.ts';
import type { Plan } from '../plan/plan.ts';
import type { Retention } from '../storage/interface.ts';
import type { QuerySettings } from './query-settings.ts';

/** What `compileRuntime` makes of rules and configuration when the bundles are built. */
export interface CompiledRuntime {
  readonly plan: Plan;
  readonly tenants: readonly Tenant[];
  readonly retention: Retention;
  readonly query: QuerySettings;
  readonly evaluation: EvaluationSettings;
}

export interface Runtime extends CompiledRuntime {
  readonly tableName: string;
  readonly queueUrl: string;
  /** Of messages that no worker could process. */
  readonly deadLetterUrl: string;
  /** Deliveries after which a message that fails is a dead letter. */
  readonly maxReceives: number;
}

/**
 * A Lambda's whole configuration: `runtime.json` beside the bundle, and the names of its table and queue from the
 * environment that serverless.yml sets.
 *
 * @throws Error naming the variable or the file that is missing; the function then fails its first invocation.
 */
export function loadRuntime(environment: NodeJS.ProcessEnv = process.env): Runtime {
  return {
    ...readCompiled(environment['TRIBUTARY_RUNTIME'] ?? new URL('./runtime.json', import.meta.url)),
    tableName: environment['TABLE_NAME'] ?? '',
    queueUrl: environment['QUEUE_URL'] ?? '',
    deadLetterUrl: environment['DEAD_LETTER_URL'] ?? '',
    maxReceives: Number(environment['MAX_RECEIVE_COUNT'] ?? 5),
  };
}

function readCompiled(file: string | URL): CompiledRuntime {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as CompiledRuntime;
  } catch (error) {
    throw new Error(`cannot read the compiled plan ${file}: ${(error as Error).message}; run npm run build`);
  }
}
