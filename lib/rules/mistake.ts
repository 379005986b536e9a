/** One thing that is wrong in a file: where, what, and what to do about it. */
export interface Mistake {
  readonly file: string;
  /** Counted from 1; 0 where the file as a whole is meant. */
  readonly line: number;
  /** The key it is about, with its path where that helps: `groups[0].rules[2].expr`. Empty for the whole file. */
  readonly key: string;
  readonly message: string;
}

/** Files that people wrote cannot be used. Carries every mistake found, in the order of the files. */
export class MistakesError extends Error {
  override name = 'MistakesError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(formatMistake).join('\n'));
    this.mistakes = mistakes;
  }
}

/** `file:line: key: message`, as editors and CI systems link it. */
export function formatMistake({ file, line, key, message }: Mistake): string {
  return [line > 0 ? `${file}:${line}` : file, key, message].filter((part) => part !== '').join(': ');
}
