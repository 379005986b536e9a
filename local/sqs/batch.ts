import { SqsError } from './sqs-error.ts';

export interface BatchEntry {
  readonly Id?: string;
}

export interface BatchFailure {
  readonly Id: string;
  readonly Code: string;
  readonly Message: string;
  readonly SenderFault: boolean;
}

export interface BatchOutput<O> {
  readonly Successful: readonly (O & { readonly Id: string })[];
  readonly Failed: readonly BatchFailure[];
}

const MAX_ENTRIES = 10;

/**
 * Runs one call for each entry; a refused entry fails alone.
 *
 * @throws SqsError where SQS refuses the batch as a whole; `check` adds a reason of the operation's own.
 */
export async function runBatch<E extends BatchEntry, O extends object>(
  entries: readonly E[],
  run: (entry: E) => Promise<O> | O,
  { check = () => {} }: { readonly check?: () => void } = {},
): Promise<BatchOutput<O>> {
  checkEntries(entries);
  check();
  const successful: (O & { Id: string })[] = [];
  const failed: BatchFailure[] = [];
  for (const entry of entries) {
    const id = entry.Id ?? '';
    try {
      successful.push({ ...(await run(entry)), Id: id });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      failed.push({ Id: id, Code: error.queryCode, Message: error.message, SenderFault: true });
    }
  }
  return { Successful: successful, Failed: failed };
}

function checkEntries(entries: readonly BatchEntry[]): void {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw batchError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MAX_ENTRIES) {
    const text = `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`;
    throw batchError('TooManyEntriesInBatchRequest', text);
  }
  const ids = entries.map(({ Id }) => Id ?? '');
  if (!ids.every((id) => /^[A-Za-z0-9_-]{1,80}$/.test(id))) {
    const text = 'A batch entry id can only contain alphanumeric characters, hyphens and underscores.';
    throw batchError('InvalidBatchEntryId', text);
  }
  if (new Set(ids).size < ids.length)
    throw batchError('BatchEntryIdsNotDistinct', 'Two or more entries have the same Id.');
}

function batchError(type: string, message: string): SqsError {
  return new SqsError(type, message, `AWS.SimpleQueueService.${type}`);
}
