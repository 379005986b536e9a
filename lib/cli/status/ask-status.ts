import type { CompactionStatus } from '../../api/status-compaction.ts';
import type { DeadLettersStatus } from '../../api/status-dead-letters.ts';
import type { EvaluationStatus } from '../../api/status-evaluation.ts';
import type { SourceStatus } from '../../api/status-sources.ts';
import type { SourceTally } from '../../storage/ledger.ts';
import { CommandError } from '../command-error.ts';
import { askDeployment, type Deployment } from '../deployment.ts';

/** What a deployment tells of itself; a part that it does not tell is the error that says why. Times in ms. */
export interface DeploymentStatus {
  readonly sources: Part<{ readonly now: number; readonly sources: readonly SourceStatus[] }>;
  readonly evaluation: Part<EvaluationStatus & { readonly now: number }>;
  readonly compaction: Part<{ readonly now: number; readonly classes: readonly CompactionStatus[] }>;
  /** Of the last hour. */
  readonly intake: Part<{ readonly sources: readonly SourceTally[] }>;
  readonly deadLetters: Part<
    Omit<DeadLettersStatus, 'isComplete'> & { readonly now: number; readonly complete: boolean }
  >;
}

export type Part<T> = T | CommandError;

/** @throws CommandError where nothing at all is told */
export async function askStatus(deployment: Deployment): Promise<DeploymentStatus> {
  const ask = async <T>(name: string): Promise<Part<T>> => {
    try {
      return (await askDeployment(deployment, `/api/v1/status/${name}`, {}, 'GET')) as T;
    } catch (error) {
      if (error instanceof CommandError) return error;
      throw error;
    }
  };
  const [sources, evaluation, compaction, intake, deadLetters] = await Promise.all([
    ask<Exclude<DeploymentStatus['sources'], CommandError>>('sources'),
    ask<Exclude<DeploymentStatus['evaluation'], CommandError>>('evaluation'),
    ask<Exclude<DeploymentStatus['compaction'], CommandError>>('compaction'),
    ask<Exclude<DeploymentStatus['intake'], CommandError>>('intake'),
    ask<Exclude<DeploymentStatus['deadLetters'], CommandError>>('dead-letters'),
  ]);
  const status = { sources, evaluation, compaction, intake, deadLetters };
  if (Object.values(status).every((part) => part instanceof CommandError)) throw sources;
  return status;
}
