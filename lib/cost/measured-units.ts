/** What a sample takes; `npm run bench -- cost` measures it again and says which figures it used. */
export interface MeasuredUnits {
  /** Decoding, checking and selecting, CPU seconds of a million raw samples. */
  readonly receiverCpuPerMillion: number;
  /** Body of a queue message, bytes of a selected sample. */
  readonly queueBytesPerSample: number;
  /** Contextualizing and storing, CPU seconds of a million selected samples. */
  readonly workerCpuPerMillion: number;
  /** Write units of a thousand samples, by samples of one commit, ascending. */
  readonly writeUnitsPerThousand: readonly { readonly samples: number; readonly units: number }[];
  /** Bytes of a sample in blocks that are not compacted yet. */
  readonly logBytesPerSample: number;
  /** Bytes of a sample in chunks, labels and manifests included. */
  readonly chunkBytesPerSample: number;
  /** Write units that compaction takes for a thousand samples. */
  readonly compactionUnitsPerThousand: number;
  /** Of a log of the usual commits, CPU seconds of a million samples. */
  readonly compactionCpuPerMillion: number;
  /** Bytes of labels for a series and day. */
  readonly labelsBytesPerSeries: number;
  /** Read units of a query of 24 h of one metric with 100 series, cold. */
  readonly queryReadUnits: number;
}
