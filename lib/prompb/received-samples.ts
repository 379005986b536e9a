import type { Sample } from '../model/sample.ts';

/** Samples of one message in columns; each series knows its part. */
export class ReceivedSamples {
  length = 0;
  timestamps: Float64Array;
  values: Float64Array;
  /** 0 where unset. */
  startTimestamps: Float64Array;

  constructor(capacity = 256) {
    this.timestamps = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.startTimestamps = new Float64Array(capacity);
  }

  push({ timestamp, value, startTimestamp = 0 }: Sample): void {
    this.reserve();
    this.timestamps[this.length] = timestamp;
    this.values[this.length] = value;
    this.startTimestamps[this.length] = startTimestamp;
    this.length++;
  }

  /** Makes room for one more. */
  reserve(): void {
    if (this.length < this.timestamps.length) return;
    this.timestamps = grown(this.timestamps);
    this.values = grown(this.values);
    this.startTimestamps = grown(this.startTimestamps);
  }

  /** Puts a sample in the place of another. */
  move(from: number, to: number): void {
    this.timestamps[to] = this.timestamps[from] as number;
    this.values[to] = this.values[from] as number;
    this.startTimestamps[to] = this.startTimestamps[from] as number;
  }

  at(index: number): Sample {
    const timestamp = this.timestamps[index] as number;
    const startTimestamp = this.startTimestamps[index] as number;
    const value = this.values[index] as number;
    return startTimestamp === 0 ? { timestamp, value } : { timestamp, value, startTimestamp };
  }
}

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(Math.max(16, column.length * 2));
  larger.set(column);
  return larger;
}
