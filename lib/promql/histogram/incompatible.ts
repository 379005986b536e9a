/** Exponential and custom buckets cannot be put together. */
export class IncompatibleHistogramsError extends Error {
  override name = 'IncompatibleHistogramsError';

  constructor() {
    super('cannot combine histograms: one has exponential buckets and the other custom buckets');
  }
}
