import { isLabelName, STRING } from './token.ts';
import type { TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

/** `(label, "quoted label", …)`, a trailing comma allowed. */
export function parseGrouping(tokens: TokenStream): string[] {
  tokens.expect('(', 'grouping opts', '"("');
  const labels: string[] = [];
  if (tokens.takeIf(')')) return labels;
  do {
    if (labels.length > 0 && tokens.peek().type === ')') break;
    labels.push(parseGroupingLabel(tokens));
  } while (tokens.takeIf(','));
  tokens.expect(')', 'grouping opts', '"," or ")"');
  return labels;
}

function parseGroupingLabel(tokens: TokenStream): string {
  const token = tokens.peek();
  if (isLabelName(token.type)) return tokens.take().text;
  if (token.type !== STRING) throw tokens.unexpected('grouping opts', 'label');
  const name = unquote(tokens.take().text);
  if (name === undefined || name === '') tokens.note(`invalid label name for grouping: ${token.text}`, token);
  return name ?? '';
}
