import { unquote } from '../../promql/parser/unquote.ts';
import {
  type AlertTemplate,
  type Command,
  type Operand,
  type Pipeline,
  TemplateError,
  type TemplateNode,
} from './alert-template.ts';
import { isTemplateFunction } from './template-functions.ts';
import { type ActionToken, tokenizeAction } from './tokenize-action.ts';

/** What every alert's template may use beside its own variables. */
export const ALERT_VARIABLES = ['$', '$labels', '$externalLabels', '$externalURL', '$value'] as const;

/**
 * Reads the Go templates of alert labels and annotations: pipelines, variables, `if`, `else`, `range`, `with`, comments
 * and `-` markers. `define`, `template`, `block`, `break` and `continue` are refused.
 *
 * @throws TemplateError
 */
export function parseAlertTemplate(text: string): AlertTemplate {
  if (!text.includes('{{')) return text === '' ? [] : [{ kind: 'text', text }];
  const parser = new Parser(pieces(text));
  const { nodes, end } = parser.list();
  if (end !== undefined) throw new TemplateError(`cannot read template: unexpected {{${end[0]?.text}}}`);
  return nodes;
}

type Piece = string | readonly ActionToken[];

/** Texts and actions, white space already trimmed, comments left out. */
function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let trimsLeft = false;
  for (let at = 0; at <= text.length; ) {
    const open = text.indexOf('{{', at);
    const trims = open >= 0 && /^-\s/.test(text.slice(open + 2, open + 4));
    let plain = text.slice(at, open < 0 ? undefined : open);
    if (trimsLeft) plain = plain.trimStart();
    if (trims) plain = plain.trimEnd();
    if (plain !== '') found.push(plain);
    if (open < 0) break;
    const start = open + (trims ? 3 : 2);
    // Comments stand right behind the braces, or behind the marker and one space.
    const comment = /\/\*[\s\S]*?\*\/(\s-)?\}\}/y;
    comment.lastIndex = trims ? start + 1 : start;
    const match = comment.exec(text);
    if (match !== null) {
      trimsLeft = match[1] !== undefined;
      at = comment.lastIndex;
      continue;
    }
    const action = tokenizeAction(text, start);
    found.push(action.tokens);
    trimsLeft = action.trimsRight;
    at = action.end;
  }
  return found;
}

class Parser {
  readonly #pieces: readonly Piece[];
  #next = 0;
  #variables: string[] = [...ALERT_VARIABLES];

  constructor(all: readonly Piece[]) {
    this.#pieces = all;
  }

  /** Nodes up to the end of the text, or up to the `else` or `end` that is returned. */
  list(): { nodes: TemplateNode[]; end?: readonly ActionToken[] } {
    const nodes: TemplateNode[] = [];
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++] as Piece;
      if (typeof piece === 'string') {
        nodes.push({ kind: 'text', text: piece });
        continue;
      }
      const keyword = piece[0]?.text ?? '';
      if (keyword === 'end' || keyword === 'else') return { nodes, end: piece };
      if (keyword === 'if' || keyword === 'with' || keyword === 'range')
        nodes.push(this.#block(keyword, piece.slice(1)));
      else if (REFUSED.has(keyword)) throw new TemplateError(`cannot read template: {{${keyword}}} is not known here`);
      else nodes.push({ kind: 'action', pipeline: this.#pipeline(piece) });
    }
    return { nodes };
  }

  #block(kind: 'if' | 'with' | 'range', header: readonly ActionToken[]): TemplateNode {
    const outer = this.#variables;
    this.#variables = [...outer];
    const pipeline = this.#pipeline(header);
    const { nodes: body, end } = this.list();
    const otherwise = this.#otherwise(kind, end);
    this.#variables = outer;
    return { kind, pipeline, body, otherwise };
  }

  #otherwise(kind: string, end: readonly ActionToken[] | undefined): readonly TemplateNode[] {
    if (end === undefined) throw new TemplateError(`cannot read template: {{${kind}}} has no {{end}}`);
    if (end[0]?.text === 'end') return [];
    const nested = end[1]?.text;
    if (nested === 'if' || nested === 'with') return [this.#block(nested, end.slice(2))];
    const { nodes, end: last } = this.list();
    if (last?.[0]?.text !== 'end') throw new TemplateError(`cannot read template: {{else}} has no {{end}}`);
    return nodes;
  }

  #pipeline(tokens: readonly ActionToken[]): Pipeline {
    const cursor = { tokens, at: 0 };
    const pipeline = this.#readPipeline(cursor);
    if (cursor.at < tokens.length)
      throw new TemplateError(`cannot read template: unexpected ${tokens[cursor.at]?.text}`);
    return pipeline;
  }

  #readPipeline(cursor: Cursor): Pipeline {
    const { variables, assignment } = readAssignment(cursor);
    if (assignment === '=') for (const name of variables) this.#check(name);
    const commands: Command[] = [];
    do commands.push(this.#readCommand(cursor));
    while (take(cursor, '|'));
    if (assignment === ':=') this.#variables.push(...variables);
    return { variables, assignment, commands };
  }

  #readCommand(cursor: Cursor): Command {
    const operands: Operand[] = [];
    for (;;) {
      const token = cursor.tokens[cursor.at];
      if (token === undefined || token.text === '|' || token.text === ')') break;
      operands.push(this.#readOperand(cursor, token));
    }
    if (operands.length === 0) throw new TemplateError('cannot read template: missing value for command');
    return operands;
  }

  #readOperand(cursor: Cursor, { text }: ActionToken): Operand {
    cursor.at++;
    if (text === '(') {
      const pipeline = this.#readPipeline(cursor);
      if (!take(cursor, ')')) throw new TemplateError('cannot read template: unclosed parenthesis');
      return { kind: 'pipeline', pipeline, fields: readFields(cursor) };
    }
    if (text.startsWith('$')) {
      this.#check(text);
      return { kind: 'variable', name: text, fields: readFields(cursor) };
    }
    if (text === '.') return { kind: 'dot', fields: [] };
    if (/^\.\D/.test(text)) return { kind: 'dot', fields: [text.slice(1), ...readFields(cursor)] };
    return readLiteral(text) ?? functionOperand(text);
  }

  #check(name: string): void {
    if (!this.#variables.includes(name)) throw new TemplateError(`cannot read template: undefined variable ${name}`);
  }
}

const REFUSED = new Set(['define', 'template', 'block', 'break', 'continue']);

interface Cursor {
  readonly tokens: readonly ActionToken[];
  at: number;
}

function take(cursor: Cursor, text: string): boolean {
  if (cursor.tokens[cursor.at]?.text !== text) return false;
  cursor.at++;
  return true;
}

/** `$x :=`, `$i, $x :=`, `$x =` */
function readAssignment(cursor: Cursor): Pick<Pipeline, 'variables' | 'assignment'> {
  const [first, second, third, fourth] = cursor.tokens.slice(cursor.at, cursor.at + 4).map(({ text }) => text);
  const isAssignment = (text: string | undefined) => text === ':=' || text === '=';
  if (first?.startsWith('$') && isAssignment(second)) {
    cursor.at += 2;
    return { variables: [first], assignment: second as ':=' | '=' };
  }
  if (first?.startsWith('$') && second === ',' && third?.startsWith('$') && isAssignment(fourth)) {
    cursor.at += 4;
    return { variables: [first, third], assignment: fourth as ':=' | '=' };
  }
  return { variables: [], assignment: undefined };
}

/** `.a.b` directly behind an operand. */
function readFields(cursor: Cursor): string[] {
  const fields: string[] = [];
  for (;;) {
    const token = cursor.tokens[cursor.at];
    if (token === undefined || token.spaced || !/^\.\D/.test(token.text)) return fields;
    fields.push(token.text.slice(1));
    cursor.at++;
  }
}

function readLiteral(text: string): Operand | undefined {
  if (/^["`]/.test(text)) {
    const value = unquote(text);
    if (value === undefined) throw new TemplateError(`cannot read template: ${text} is not valid UTF-8`);
    return { kind: 'literal', value };
  }
  if (text.startsWith("'")) return { kind: 'literal', value: BigInt(unquote(text)?.codePointAt(0) ?? 0) };
  if (/^[+-]?\.?\d/.test(text)) return { kind: 'literal', value: readNumber(text) };
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
  return text === 'nil' ? { kind: 'literal', value: undefined } : undefined;
}

/** As in Go, a number with a point or an exponent is a float and every other one an integer. */
function readNumber(text: string): number | bigint {
  const isHex = /^[+-]?0x/i.test(text);
  if (!isHex && /[.eE]/.test(text)) return Number(text);
  const magnitude = BigInt(text.replace(/^[+-]/, ''));
  return text.startsWith('-') ? -magnitude : magnitude;
}

function functionOperand(name: string): Operand {
  if (isTemplateFunction(name)) return { kind: 'function', name };
  throw new TemplateError(`cannot read template: function ${JSON.stringify(name)} is not known`);
}
