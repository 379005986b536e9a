import type {
  BatchGetItemCommandInput,
  BatchWriteItemCommandInput,
  ConsumedCapacity,
  DynamoDBClient,
  PutItemCommandInput,
  QueryCommandInput,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { RETENTION_CLASSES } from '../interface.ts';
import type { TableMeter, TableUsage } from '../table-meter.ts';
import type { KeptKind } from '../usage.ts';
import { escapeTenant } from './keys.ts';

type Key = Record<string, { readonly S?: string; readonly B?: Uint8Array }>;

/** What of an answer says how much a request took; AWS tells it where it is asked. */
interface Answer {
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
}

/**
 * The same client with a meter: every request asks DynamoDB what it took, and the tenant in its partition keys pays. What
 * DynamoDB refuses costs, too, but it does not say how much: those few are not counted.
 */
export function meterClient(client: DynamoDBClient): { readonly client: DynamoDBClient; readonly meter: TableMeter } {
  const meter = new ClientMeter();
  const send = async (command: MeteredCommand, ...options: unknown[]): Promise<unknown> => {
    command.input.ReturnConsumedCapacity = 'TOTAL';
    const answer = await (client.send as (...args: unknown[]) => Promise<Answer>)(command, ...options);
    meter.count(command.input, answer);
    return answer;
  };
  return { client: { send, destroy: () => client.destroy() } as unknown as DynamoDBClient, meter };
}

/** Told apart by their shapes: classes of the SDK would count as requests that every function makes. */
interface MeteredCommand {
  readonly input: BatchGetItemCommandInput | BatchWriteItemCommandInput | PutItemCommandInput | QueryCommandInput;
}

class ClientMeter implements TableMeter {
  /** By name of tenant as keys spell it. */
  readonly #usage = new Map<string, TableUsage>();

  take(tenant: string): TableUsage {
    const name = escapeTenant(tenant);
    const usage = this.#usage.get(name) ?? noUsage();
    this.#usage.delete(name);
    return usage;
  }

  count(input: MeteredCommand['input'], { ConsumedCapacity }: Answer): void {
    const told = ConsumedCapacity === undefined ? [] : [ConsumedCapacity].flat();
    const units = told.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    const { pk, isRead, put } = requestOf(input);
    const usage = this.#of(pk);
    if (isRead) usage.readUnits += units;
    else usage.writeUnits += units;
    for (const item of put) {
      const kind = keptKind(item['pk']?.S ?? '');
      if (kind !== undefined) usage.kept[kind] = (usage.kept[kind] ?? 0) + bytesOf(item);
    }
  }

  /** Everything that is asked at once is of one tenant. Sources have state of their own, under `TENANT/query/SOURCE`. */
  #of(pk: string): TableUsage {
    const [owner = ''] = decodeURIComponent(pk.slice(0, pk.indexOf('/'))).split('/');
    const name = encodeURIComponent(owner);
    const usage = this.#usage.get(name) ?? noUsage();
    this.#usage.set(name, usage);
    return usage;
  }
}

/** What a request is about, from the first of its keys. */
interface MeteredRequest {
  readonly pk: string;
  readonly isRead: boolean;
  readonly put: readonly Key[];
}

function requestOf(input: MeteredCommand['input']): MeteredRequest {
  if ('KeyConditionExpression' in input) {
    return { pk: input.ExpressionAttributeValues?.[':pk']?.S ?? '', isRead: true, put: [] };
  }
  if ('Item' in input) return { pk: pkOf(input.Item as Key), isRead: false, put: [input.Item as Key] };
  const [ofTable = []] = Object.values(
    (input as BatchGetItemCommandInput | BatchWriteItemCommandInput).RequestItems ?? {},
  );
  if (!Array.isArray(ofTable)) return { pk: pkOf(ofTable.Keys?.[0] as Key), isRead: true, put: [] };
  const writes = ofTable as readonly WriteRequest[];
  const [first] = writes.map(({ PutRequest, DeleteRequest }) => (PutRequest?.Item ?? DeleteRequest?.Key) as Key);
  const put = writes.flatMap(({ PutRequest }) => (PutRequest === undefined ? [] : [PutRequest.Item as Key]));
  return { pk: pkOf(first), isRead: false, put };
}

function pkOf(key: Key | undefined): string {
  return key?.['pk']?.S ?? '';
}

const AREAS = { samples: 'blocks', chunks: 'chunks', labels: 'labels' } as const;

/** undefined for what is replaced over and over, and small. */
function keptKind(pk: string): KeptKind | undefined {
  const [, area = '', of = ''] = pk.split('/');
  // An hour's entries; days that are added up are replaced.
  if (area === 'ledger' || (area === 'usage' && of !== '')) return 'ledger';
  const kind = AREAS[area as keyof typeof AREAS];
  const retentionClass = RETENTION_CLASSES.find((name) => name === of);
  return kind === undefined || retentionClass === undefined ? undefined : `${kind}/${retentionClass}`;
}

function bytesOf(item: Key): number {
  return Object.values(item).reduce((sum, { S = '', B }) => sum + S.length + (B?.length ?? 0), 0);
}

function noUsage(): TableUsage {
  return { writeUnits: 0, readUnits: 0, kept: {} };
}
