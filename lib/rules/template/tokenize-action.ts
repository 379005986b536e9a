import { TemplateError } from './alert-template.ts';

/** A token of an action. `spaced`: white space stands before it, which parts `.a .b` from `.a.b`. */
export interface ActionToken {
  readonly text: string;
  readonly spaced: boolean;
}

const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|:=|[|(),=]|\$\w*|\.[\p{L}_][\p{L}\p{Nd}_]*|[+-]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|\.|[\p{L}_][\p{L}\p{Nd}_]*/uy;

/** What stands between `{{` and `}}`, and where the text goes on. */
export interface Action {
  readonly tokens: readonly ActionToken[];
  readonly end: number;
  /** `-}}`: white space after it goes. */
  readonly trimsRight: boolean;
}

/** Reads an action whose content begins at `start`. @throws TemplateError */
export function tokenizeAction(text: string, start: number): Action {
  const tokens: ActionToken[] = [];
  for (let at = start; ; ) {
    const space = /\s*/y;
    space.lastIndex = at;
    const blank = space.exec(text)?.[0].length ?? 0;
    at += blank;
    if (text.startsWith('}}', at)) return { tokens, end: at + 2, trimsRight: false };
    if (blank > 0 && text.startsWith('-}}', at)) return { tokens, end: at + 3, trimsRight: true };
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) {
      throw new TemplateError(
        at >= text.length
          ? 'cannot read template: an action has no }}'
          : `cannot read template: unexpected ${JSON.stringify(text.slice(at, at + 10))} in an action`,
      );
    }
    tokens.push({ text: token, spaced: blank > 0 });
    at += token.length;
  }
}
