import type { CompactionReader } from '../compactor.ts';

/** A store in memory has nothing to compact, and no chunks. */
export const NEVER_COMPACTED: CompactionReader = {
  backlog: async () => ({ epochs: 0, leftovers: 0 }),
  chunks: async () => 0,
};
