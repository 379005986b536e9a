/** Bytes that are not a block of the kind expected, or whose parts contradict each other. */
export class CorruptBlockError extends Error {
  override name = 'CorruptBlockError';
}
