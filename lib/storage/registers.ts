/** Which register of a tenant. Areas are ours (`leaders`); a name is any text. */
export interface RegisterName {
  readonly area: string;
  readonly name: string;
}

/** What a register holds, and the number that a replacement has to name. `T` is JSON. */
export interface RegisterValue<T = unknown> {
  readonly revision: number;
  readonly value: T;
}

export interface NamedRegister<T = unknown> extends RegisterValue<T> {
  readonly name: string;
}

export interface RegistersReader {
  /** The latest value; undefined where none was ever put, or it was forgotten. */
  read<T>(tenant: string, register: RegisterName): Promise<RegisterValue<T> | undefined>;
  /** All registers of an area, in no particular order. */
  list<T>(tenant: string, area: string): Promise<readonly NamedRegister<T>[]>;
}

/**
 * Small values that workers agree on, each replaced by compare-and-swap: of those that began at one revision one wins.
 * For decisions that must be the same for every worker and after every restart.
 */
export interface Registers extends RegistersReader {
  /**
   * Puts `value` in place of `revision` (0 for none at all). A register that is not replaced for `days` may be forgotten.
   *
   * @returns false, and nothing has changed, when somebody else replaced that revision; also where an earlier attempt of
   * this very call did. Only reading again can tell.
   * @throws RegisterTooLargeError
   */
  replace(tenant: string, register: RegisterName, revision: number, value: unknown, days: number): Promise<boolean>;
}

/** Bytes of JSON that every adapter takes; compressed they fit into one item of a table. */
export const MAX_REGISTER_BYTES = 350_000;

/** A value is too large for a register: whoever puts it has to bound it. */
export class RegisterTooLargeError extends Error {
  override name = 'RegisterTooLargeError';
}

/** @throws RegisterTooLargeError */
export function checkRegisterSize({ area, name }: RegisterName, json: string): void {
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_REGISTER_BYTES) return;
  throw new RegisterTooLargeError(
    `cannot write register ${area}/${name.slice(0, 100)}: ${bytes} bytes, at most ${MAX_REGISTER_BYTES}`,
  );
}
