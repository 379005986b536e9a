/** A text with Go template actions, parsed. */
export type AlertTemplate = readonly TemplateNode[];

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

/** `$x := a | b`: the value of each command is the last argument of the next. */
export interface Pipeline {
  /** Variables that take the value; `range` may set two. */
  readonly variables: readonly string[];
  /** `:=` makes variables, `=` sets those that are there; nothing is written in both cases. */
  readonly assignment: ':=' | '=' | undefined;
  readonly commands: readonly Command[];
}

/** A function or a value, and its arguments. */
export type Command = readonly Operand[];

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | bigint | boolean | undefined }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'dot'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly fields: readonly string[] };

/** A template cannot be read, or cannot be expanded with the data at hand. */
export class TemplateError extends Error {
  override name = 'TemplateError';
}
