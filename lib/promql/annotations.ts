/** Where an annotation points: character offsets into the query, `end` exclusive. */
export interface PositionRange {
  readonly start: number;
  readonly end: number;
}

/** Warnings and infos gathered while a query is evaluated; equal texts are kept once, in the order first seen. */
export class Annotations {
  readonly #warnings = new Map<string, PositionRange | undefined>();
  readonly #infos = new Map<string, PositionRange | undefined>();

  /** `message` begins `PromQL warning: `. */
  warn(message: string, position?: PositionRange): void {
    if (!this.#warnings.has(annotationKey(message, position))) {
      this.#warnings.set(annotationKey(message, position), position);
    }
  }

  /** `message` begins `PromQL info: `. */
  info(message: string, position?: PositionRange): void {
    if (!this.#infos.has(annotationKey(message, position))) {
      this.#infos.set(annotationKey(message, position), position);
    }
  }

  merge(other: Annotations): void {
    for (const [key, position] of other.#warnings) this.#warnings.set(key, position);
    for (const [key, position] of other.#infos) this.#infos.set(key, position);
  }

  /** Texts as the HTTP API shows them, each closed by `(line:column)` of `query` where a position is known. */
  render(query: string): { readonly warnings: readonly string[]; readonly infos: readonly string[] } {
    const texts = (entries: Map<string, PositionRange | undefined>) =>
      [...entries].map(([key, position]) => withPosition(key.slice(key.indexOf('\0') + 1), position, query));
    return { warnings: texts(this.#warnings), infos: texts(this.#infos) };
  }
}

function annotationKey(message: string, position: PositionRange | undefined): string {
  return `${position?.start ?? ''}\0${message}`;
}

function withPosition(message: string, position: PositionRange | undefined, query: string): string {
  if (position === undefined) return message;
  const before = query.slice(0, position.start).split('\n');
  return `${message} (${before.length}:${(before.at(-1)?.length ?? 0) + 1})`;
}
