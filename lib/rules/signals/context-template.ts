import { isLegacyLabelName } from '../../model/labels.ts';

/** `{http_request_method} {http_route}`: labels, and the text before, between and after them. */
export interface ContextTemplate {
  readonly labels: readonly string[];
  /** One more than labels. */
  readonly literals: readonly string[];
}

/**
 * Reads a template of the request context.
 *
 * @throws Error that says what to write instead.
 */
export function parseContextTemplate(text: string): ContextTemplate {
  const parts = text.split(/\{([^{}]*)\}/);
  const literals = parts.filter((_, i) => i % 2 === 0);
  const labels = parts.filter((_, i) => i % 2 === 1);
  if (literals.some((literal) => /[{}]/.test(literal))) {
    throw new Error(
      `${JSON.stringify(text)} has a brace without its partner; labels stand in braces: '{method} {route}'`,
    );
  }
  const wrong = labels.find((label) => !isLegacyLabelName(label));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(wrong)} is not a label name`);
  return { labels, literals };
}

/** The template as a replacement text over groups that are named like the labels. */
export function templateReplacement({ labels, literals }: ContextTemplate): string {
  const reference = (name: string | undefined) => (name === undefined ? '' : `\${${name}}`);
  return literals.map((literal, i) => `${literal.replaceAll('$', '$$$$')}${reference(labels[i])}`).join('');
}
