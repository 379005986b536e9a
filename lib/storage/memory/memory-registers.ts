import {
  checkRegisterSize,
  type NamedRegister,
  type RegisterName,
  type Registers,
  type RegisterValue,
} from '../registers.ts';

/** Registers that are gone with their process. */
export class MemoryRegisters implements Registers {
  /** By tenant and area, then by name; values as JSON, so that nobody shares an object with anybody. */
  readonly #areas = new Map<string, Map<string, { readonly revision: number; readonly json: string }>>();

  async read<T>(tenant: string, { area, name }: RegisterName): Promise<RegisterValue<T> | undefined> {
    const found = this.#area(tenant, area).get(name);
    return found && { revision: found.revision, value: JSON.parse(found.json) as T };
  }

  async list<T>(tenant: string, area: string): Promise<readonly NamedRegister<T>[]> {
    return [...this.#area(tenant, area)].map(([name, { revision, json }]) => ({
      name,
      revision,
      value: JSON.parse(json) as T,
    }));
  }

  async replace(tenant: string, register: RegisterName, revision: number, value: unknown): Promise<boolean> {
    const json = JSON.stringify(value);
    checkRegisterSize(register, json);
    const area = this.#area(tenant, register.area);
    if ((area.get(register.name)?.revision ?? 0) !== revision) return false;
    area.set(register.name, { revision: revision + 1, json });
    return true;
  }

  #area(tenant: string, area: string): Map<string, { readonly revision: number; readonly json: string }> {
    const key = JSON.stringify([tenant, area]);
    const known = this.#areas.get(key) ?? new Map();
    this.#areas.set(key, known);
    return known;
  }
}
