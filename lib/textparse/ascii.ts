/** The bytes that mean something in the text formats. */
export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const ZERO = 0x30;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;

const METRIC_START = 1;
const METRIC_REST = 2;
const LABEL_START = 4;
const LABEL_REST = 8;

const CLASSES = classify();

/** `[a-zA-Z_:]`. */
export function startsMetricName(byte: number | undefined): boolean {
  return ((CLASSES[byte as number] as number) & METRIC_START) !== 0;
}

/** `[a-zA-Z0-9_:]`. */
export function continuesMetricName(byte: number | undefined): boolean {
  return ((CLASSES[byte as number] as number) & METRIC_REST) !== 0;
}

/** `[a-zA-Z_]`. */
export function startsLabelName(byte: number | undefined): boolean {
  return ((CLASSES[byte as number] as number) & LABEL_START) !== 0;
}

/** `[a-zA-Z0-9_]`. */
export function continuesLabelName(byte: number | undefined): boolean {
  return ((CLASSES[byte as number] as number) & LABEL_REST) !== 0;
}

function classify(): Uint8Array {
  const classes = new Uint8Array(256);
  for (const letter of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') {
    classes[letter.charCodeAt(0)] = METRIC_START | METRIC_REST | LABEL_START | LABEL_REST;
  }
  for (const digit of '0123456789') classes[digit.charCodeAt(0)] = METRIC_REST | LABEL_REST;
  classes[':'.charCodeAt(0)] = METRIC_START | METRIC_REST;
  return classes;
}
