/** Walks over one line of a script. Errors carry the column; the caller adds file and line. */
export class Cursor {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  get rest(): string {
    return this.text.slice(this.position);
  }

  /** Consumes `literal` if it stands here. */
  take(literal: string): boolean {
    if (!this.text.startsWith(literal, this.position)) return false;
    this.position += literal.length;
    return true;
  }

  /** Consumes `literal` or fails. */
  expect(literal: string): void {
    if (!this.take(literal)) throw this.error(`expected ${JSON.stringify(literal)}`);
  }

  /** Consumes what a sticky expression matches here; undefined if it does not. */
  match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace('y', '')}y`);
    sticky.lastIndex = this.position;
    const found = sticky.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  skipSpace(): void {
    this.match(/\s*/);
  }

  error(problem: string): Error {
    const here = this.rest.slice(0, 24);
    return new Error(
      `column ${this.position + 1}: ${problem}, found ${here === '' ? 'the end' : JSON.stringify(here)}`,
    );
  }
}
