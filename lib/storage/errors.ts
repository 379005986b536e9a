/** The store cannot be written or read now: nothing is wrong with the data, and the same call may be made again. */
export class StorageUnavailableError extends Error {
  override name = 'StorageUnavailableError';
}

/** A sample, a label set or a tenant name that no store can ever hold. */
export class InvalidSampleError extends Error {
  override name = 'InvalidSampleError';
}

/** Two label sets have one identity. Their samples cannot be told apart, so neither is written nor read. */
export class SeriesCollisionError extends Error {
  override name = 'SeriesCollisionError';
}
