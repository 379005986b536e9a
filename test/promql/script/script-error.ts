/** A script that does not follow the language, or a load that cannot be carried out; says where. */
export class ScriptError extends Error {
  override name = 'ScriptError';
  readonly line: number;

  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
    this.line = line;
  }
}
