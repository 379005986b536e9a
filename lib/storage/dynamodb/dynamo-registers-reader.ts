import type { NamedRegister, RegisterName, RegistersReader, RegisterValue } from '../registers.ts';
import { decodeItem } from './decode-item.ts';
import { registersKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { decodeRegister, registerSortKey } from './register-item.ts';
import { openTable, type Table, type TableOptions } from './table.ts';

export interface DynamoRegistersOptions extends TableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Reads registers from the DynamoDB table; cannot put any. */
export class DynamoRegistersReader implements RegistersReader {
  readonly #table: Table;

  constructor(options: DynamoRegistersOptions) {
    this.#table = openTable(options);
  }

  async read<T>(tenant: string, { area, name }: RegisterName): Promise<RegisterValue<T> | undefined> {
    const sk = registerSortKey(name);
    const [found] = await this.#items<T>(tenant, area, { from: sk, to: sk });
    return found && { revision: found.revision, value: found.value };
  }

  list<T>(tenant: string, area: string): Promise<readonly NamedRegister<T>[]> {
    return this.#items(tenant, area, {});
  }

  async #items<T>(
    tenant: string,
    area: string,
    range: { readonly from?: string; readonly to?: string },
  ): Promise<NamedRegister<T>[]> {
    const pk = registersKey(tenant, area);
    const found: NamedRegister<T>[] = [];
    // Expired ones count until DynamoDB deletes them: an item that is there can only be replaced by its version.
    for await (const items of readItems(this.#table, { pk, ...range, now: 0 })) {
      for (const item of items) {
        const { name, value } = decodeItem(pk, item, decodeRegister);
        found.push({ name, revision: item.version ?? 0, value: value as T });
      }
    }
    return found;
  }
}
