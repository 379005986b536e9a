/** `line:column: parse error: reason`, both counted from one in characters, as Prometheus writes it. */
export function parseErrorText(query: string, offset: number, reason: string): string {
  if (query === '') return `unknown position: parse error: ${reason}`;
  const lines = query.slice(0, offset).split('\n');
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}: parse error: ${reason}`;
}
