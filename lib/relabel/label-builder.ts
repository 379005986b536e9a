import { Labels } from '../model/labels.ts';

/** A label set under change. Copies the labels it began with only once something really changes. */
export class LabelBuilder {
  readonly #base: Labels;
  #changed: Map<string, string> | undefined;

  constructor(base: Labels) {
    this.#base = base;
  }

  /** The value of a label, or `''` when it is absent. */
  get(name: string): string {
    return this.#changed === undefined ? this.#base.get(name) : (this.#changed.get(name) ?? '');
  }

  /** Sets a label; an empty value removes it. */
  set(name: string, value: string): void {
    if (this.get(name) === value) return;
    this.#changed ??= this.#base.toMap();
    if (value === '') this.#changed.delete(name);
    else this.#changed.set(name, value);
  }

  /** The labels as they stand now; later changes do not show in what was returned. */
  entries(): (readonly [name: string, value: string])[] {
    return [...(this.#changed ?? this.#base.toMap())];
  }

  /** The very object it began with, where nothing changed. */
  labels(): Labels {
    return this.#changed === undefined ? this.#base : Labels.fromMap(this.#changed);
  }
}
