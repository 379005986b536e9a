/** Why data is refused at the door, and what its sender can do about it. */
export const REMEDIES = {
  method_not_allowed: 'use POST',
  empty_body: 'send a snappy-compressed protobuf message',
  unsupported_media_type:
    'send application/x-protobuf, or application/x-protobuf;proto=io.prometheus.write.v2.Request for remote write 2.0',
  unsupported_encoding: 'send Content-Encoding: snappy (block format)',
  body_too_large: 'lower max_samples_per_send',
  corrupt_body: 'send a snappy block that holds a remote-write message',
  wrong_protocol:
    'let Content-Type name the message of the body: application/x-protobuf for prometheus.WriteRequest, application/x-protobuf;proto=io.prometheus.write.v2.Request for the other',
  unreadable_series: 'this is a fault of the sender: update it, or report it to its authors',
  no_metric_name: 'give every series a __name__ label',
  empty_label_name: 'remove the label without a name',
  duplicate_label: 'send each label name once',
  too_many_labels: 'drop labels with write_relabel_configs',
  label_name_too_long: 'shorten or drop the label with write_relabel_configs',
  label_value_too_long: 'shorten or drop the label with write_relabel_configs',
  labels_too_large: 'shorten or drop labels with write_relabel_configs',
  mixed_series: 'send samples and histograms in TimeSeries entries of their own',
  no_samples: 'send a TimeSeries only with at least one sample or histogram',
  timestamp_not_positive: 'check the clock and the timestamps of the target',
  too_old: 'check the clock of the target; sample_age_limit in queue_config keeps a backlog short',
  too_far_ahead: 'check the clock of the target and of Prometheus',
  start_after_timestamp: 'check the created timestamps of the target',
  invalid_histogram: 'update the client library that made the histogram',
  histogram_too_large: 'lower native_histogram_bucket_limit in scrape_config',
  exemplar_too_long: 'keep the labels of an exemplar to 128 characters',
  invalid_exemplar: 'give every exemplar a timestamp and its labels names',
  metadata_too_long: 'shorten the help text',
  metadata_without_name: 'name the metric family',
  queue_unavailable: 'send the same request again later',
} as const;

export type RefusalReason = keyof typeof REMEDIES;
