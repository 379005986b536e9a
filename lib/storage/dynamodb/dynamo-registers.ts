import { checkRegisterSize, type RegisterName, type Registers } from '../registers.ts';
import { DAY_MS } from '../retention-window.ts';
import { type DynamoRegistersOptions, DynamoRegistersReader } from './dynamo-registers-reader.ts';
import { registersKey } from './keys.ts';
import { encodeRegister, registerSortKey } from './register-item.ts';
import { replaceItem } from './replace-item.ts';
import { openTable, type Table } from './table.ts';

/** Registers on the DynamoDB table: one item each, replaced on the condition that its version is the one that was read. */
export class DynamoRegisters extends DynamoRegistersReader implements Registers {
  readonly #target: Table;
  readonly #now: () => number;

  constructor(options: DynamoRegistersOptions) {
    super(options);
    this.#target = openTable(options);
    this.#now = options.now;
  }

  async replace(
    tenant: string,
    register: RegisterName,
    revision: number,
    value: unknown,
    days: number,
  ): Promise<boolean> {
    checkRegisterSize(register, JSON.stringify(value));
    const item = {
      pk: registersKey(tenant, register.area),
      sk: registerSortKey(register.name),
      payload: encodeRegister({ name: register.name, value }),
      ttlSeconds: Math.ceil((this.#now() + days * DAY_MS) / 1000),
    };
    return replaceItem(this.#target, item, revision === 0 ? undefined : revision);
  }
}
