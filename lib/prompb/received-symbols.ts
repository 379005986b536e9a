import type { Label } from '../model/labels.ts';

/**
 * The symbol table of a received 2.0 message. A reference that leads nowhere does not throw, for it spoils only the
 * series it stands in: the first one is kept until `takeDefect`.
 */
export class ReceivedSymbols {
  readonly #texts: string[] = [];
  readonly #notUtf8 = new Set<number>();
  #defect: string | undefined;

  get size(): number {
    return this.#texts.length;
  }

  get first(): string {
    return this.#texts[0] ?? '';
  }

  add(text: string, isUtf8: boolean): void {
    if (!isUtf8) this.#notUtf8.add(this.#texts.length);
    this.#texts.push(text);
  }

  text(ref: number, field: string): string {
    const text = this.#texts[ref];
    if (text === undefined) {
      this.#defect ??= `${field} refers to symbol ${ref} of ${this.#texts.length}`;
      return '';
    }
    if (this.#notUtf8.has(ref)) this.#defect ??= `${field} refers to symbol ${ref}, which is not valid UTF-8`;
    return text;
  }

  /** Resolves name and value references in turn. */
  labels(refs: readonly number[], field: string): Label[] {
    if (refs.length % 2 !== 0) this.#defect ??= `${field} has an odd number of references (${refs.length})`;
    const labels: Label[] = [];
    for (let i = 0; i + 1 < refs.length; i += 2) {
      labels.push({ name: this.text(refs[i] as number, field), value: this.text(refs[i + 1] as number, field) });
    }
    return labels;
  }

  /** What was wrong with the references since the last call, if anything. */
  takeDefect(): string | undefined {
    const defect = this.#defect;
    this.#defect = undefined;
    return defect;
  }
}
