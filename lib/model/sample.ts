/** One value of a series. `timestamp` is in milliseconds since the epoch; so is `startTimestamp`, absent when unset. */
export interface Sample {
  readonly timestamp: number;
  readonly value: number;
  readonly startTimestamp?: number;
}

/** A reference from a sample to a trace. */
export interface Exemplar {
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly value: number;
  readonly timestamp: number;
}
