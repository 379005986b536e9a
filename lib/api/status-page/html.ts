/** Markup; made by `html` alone, so that no text gets into a page as it is. */
export class Html {
  readonly #markup: string;

  /** @param markup of the author's own: whatever comes from elsewhere goes through `html`. */
  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

export type HtmlPart = Html | string | number | readonly HtmlPart[];

/** A template in which every text is escaped, for elements and for attributes in double quotes. */
export function html(literals: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(literals.reduce((page, literal, i) => `${page}${markupOf(parts[i - 1] ?? '')}${literal}`));
}

function markupOf(part: HtmlPart): string {
  if (part instanceof Html) return part.toString();
  if (Array.isArray(part)) return part.map(markupOf).join('');
  return String(part).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
