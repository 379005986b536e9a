import type { QuerySourceOutcome } from './query-source.ts';

/** @throws Error naming the sources whose results are not stored: the invocation has failed, and an alarm can count it. */
export function checkStored(outcomes: readonly QuerySourceOutcome[]): void {
  const failed = outcomes.filter(({ cause }) => cause !== undefined);
  if (failed.length === 0) return;
  const names = failed.map(({ target }) => `${target.tenant.name}/${target.source.name}`).join(', ');
  throw new Error(`cannot store the results of ${names}; they are due again, and the log says why`);
}
