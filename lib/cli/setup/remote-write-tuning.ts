export interface RemoteWriteTuning {
  /** How long a sample may wait for others, s. */
  readonly deadlineSeconds: number;
}

/**
 * The part of a `remote_write` block that decides what it costs. Large, rare batches make few requests; a 429 must be
 * retried, which Prometheus does not do by itself; metadata is the same for weeks.
 */
export function remoteWriteTuning({ deadlineSeconds }: RemoteWriteTuning): string {
  return `    # protobuf_message: io.prometheus.write.v2.Request  # Prometheus 3.0 and later: smaller requests
    send_native_histograms: true
    queue_config:
      capacity: 50000
      max_samples_per_send: 10000
      batch_send_deadline: ${deadlineSeconds}s
      max_shards: 10
      retry_on_http_429: true
    metadata_config:
      send_interval: 10m`;
}
