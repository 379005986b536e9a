/** The largest request, before and after decompression (Prometheus's own receiver: the same). */
export const MAX_DECODED_BYTES = 32 * 1024 * 1024;

/** Runes that the names and values of an exemplar's labels may have together (OpenMetrics 1.0). */
export const MAX_EXEMPLAR_RUNES = 128;

/*
 * The following bounds together keep any one sample, with everything its series carries, below what one queue message
 * holds (`MAX_MESSAGE_BODY_BYTES`), whatever a tenant's own limits are.
 */

/** UTF-8 bytes of all names and values of one series. */
export const MAX_SERIES_LABEL_BYTES = 256 * 1024;

/** Buckets, spans and custom bounds of one native histogram, each. */
export const MAX_HISTOGRAM_BUCKETS = 10_000;

/** UTF-8 bytes of a help or unit text. */
export const MAX_METADATA_TEXT_BYTES = 16 * 1024;
