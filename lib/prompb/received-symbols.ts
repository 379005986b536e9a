import type { Label } from '../model/labels.ts';

/** A symbol as it was received; bytes that are not UTF-8 read as U+FFFD. */
export interface ReceivedText {
  readonly text: string;
  readonly isUtf8: boolean;
}

/**
 * The symbol table of a 2.0 message. A reference that leads nowhere does not throw, for it spoils only the series it
 * stands in: the first one is kept until `takeDefect`.
 */
export class ReceivedSymbols {
  readonly size: number;
  readonly #read: (ref: number) => ReceivedText;
  #defect: string | undefined;

  /** `read` is asked for references below `size`. */
  constructor(size: number, read: (ref: number) => ReceivedText) {
    this.size = size;
    this.#read = read;
  }

  text(ref: number, field: string): string {
    if (ref >= this.size) {
      this.#defect ??= `${field} refers to symbol ${ref} of ${this.size}`;
      return '';
    }
    const { text, isUtf8 } = this.#read(ref);
    if (!isUtf8) this.#defect ??= `${field} refers to symbol ${ref}, which is not valid UTF-8`;
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
