/** A regex that matches this text and no other. */
export function quoteRegexp(text: string): string {
  return text.replace(/[\\.+*?()[\]{}^$|]/g, '\\$&');
}
