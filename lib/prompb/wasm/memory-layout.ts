/**
 * Where everything lies in the module's one memory. It never grows: pages cost nothing until they are touched, and a
 * request that does not fit takes the plain way in JavaScript.
 *
 *   compressed body | message | symbols of the request | its label references | match table | generations
 *
 * A region is read up to 32 bytes beyond its end (vector loads), so each is followed by some slack.
 */

export const MAX_COMPRESSED: usize = 4 << 20;
export const MAX_RAW: usize = 8 << 20;
export const MAX_MESSAGE: usize = 6 << 20;
/** Symbols of one 2.0 request. */
export const MAX_SYMBOLS: u32 = 1 << 18;
/** Label references of one 2.0 series. */
export const MAX_REFS: u32 = 1 << 12;
const SLACK: usize = 64;

/** The body as sent; later the compressed message, when the body is no longer needed. */
export const COMPRESSED: usize = 1 << 16;
/** The worst block of incompressible bytes is a sixth larger than they are. */
const COMPRESSED_SIZE: usize = MAX_MESSAGE + MAX_MESSAGE / 6 + 1024;
export const RAW: usize = COMPRESSED + COMPRESSED_SIZE;
/** The symbols of the message; `MESSAGE_SERIES` is copied behind them in the end. */
export const MESSAGE: usize = RAW + MAX_RAW + SLACK;
export const MESSAGE_SERIES: usize = MESSAGE + MAX_MESSAGE + SLACK;
/** Entry of every symbol of a 2.0 request, four bytes each. */
export const REQUEST_SYMBOLS: usize = MESSAGE_SERIES + MAX_MESSAGE + SLACK;
/** The series at hand as entries of its symbols: twice, as this and as the older generation knows them. */
export const REFS: usize = REQUEST_SYMBOLS + ((<usize>MAX_SYMBOLS) << 2);
export const OLD_REFS: usize = REFS + ((<usize>MAX_REFS) << 2) + SLACK;
/** References of a series as they go into the message, five bytes each at most. */
export const ENCODED_REFS: usize = OLD_REFS + ((<usize>MAX_REFS) << 2) + SLACK;
/** Labels that JavaScript hands over. */
export const SCRATCH: usize = ENCODED_REFS + ((<usize>MAX_REFS) << 3) + SLACK;
export const MAX_SCRATCH: usize = 1 << 20;
/** Positions of four-byte sequences, for compression. */
export const MATCH_TABLE: usize = SCRATCH + MAX_SCRATCH + SLACK;
export const MATCH_TABLE_BITS: u32 = 14;
export const GENERATIONS: usize = MATCH_TABLE + ((<usize>2) << MATCH_TABLE_BITS) + SLACK;
