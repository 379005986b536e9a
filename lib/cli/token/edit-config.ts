import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { CommandError } from '../command-error.ts';

export interface TokenEntry {
  readonly name: string;
  readonly sha256: string;
  readonly scopes: readonly string[];
  readonly sources?: readonly string[];
  readonly expires?: string;
}

/**
 * The text of tributary.yml with one more token, its comments kept. A token that may write is named by its source, too.
 * @throws CommandError where the file has no place for it.
 */
export function withToken(text: string, tenant: string, entry: TokenEntry, writesAs: string | undefined): string {
  return edit(text, (document) => {
    const written = tenantOf(document, tenant);
    const node = document.createNode(entry) as YAMLMap;
    for (const list of ['scopes', 'sources']) {
      const items = node.get(list);
      if (isSeq(items)) items.flow = true;
    }
    listOf(written, 'tokens', `tenant ${tenant}`).add(node);
    if (writesAs === undefined) return;
    const source = itemOf(listOf(written, 'sources', `tenant ${tenant}`), writesAs, 'source');
    listOf(source, 'tokens', `source ${writesAs}`).add(document.createNode(entry.name));
  });
}

/**
 * The text with a token closed: its name stays, so that the sources that name it stay right, and nobody can use it.
 * @param day what the comment beside it says, 2026-11-22
 */
export function withClosedToken(text: string, tenant: string, name: string, day: string): string {
  return edit(text, (document) => {
    const token = itemOf(listOf(tenantOf(document, tenant), 'tokens', `tenant ${tenant}`), name, 'token');
    const hash = document.createNode('closed');
    hash.comment = ` revoked ${day}`;
    token.set('sha256', hash);
  });
}

/** The text without a token, and without the lines of sources that name it. */
export function withoutToken(text: string, tenant: string, name: string): string {
  return edit(text, (document) => {
    const written = tenantOf(document, tenant);
    const tokens = listOf(written, 'tokens', `tenant ${tenant}`);
    removeItem(tokens, itemOf(tokens, name, 'token'));
    const sources = written.get('sources');
    for (const source of isSeq(sources) ? sources.items : []) {
      const named = isMap(source) ? source.get('tokens') : undefined;
      if (!isSeq(named)) continue;
      named.items = named.items.filter((item) => !(isScalar(item) && item.value === name));
    }
  });
}

function edit(text: string, change: (document: Document) => void): string {
  const document = parseDocument(text, { schema: 'core', merge: true });
  if (document.errors.length > 0) throw new CommandError(`this is not YAML: ${document.errors[0]?.message}`);
  const style = styleOf(text);
  change(document);
  return document.toString(style);
}

type Style = NonNullable<Parameters<Document['toString']>[0]>;

/** The way of writing that gives the text back as it is; else the first one. */
function styleOf(text: string): Style {
  const styles = [false, true].flatMap((flowCollectionPadding) =>
    [true, false].flatMap((indentSeq) =>
      [2, 4].map((indent): Style => ({ lineWidth: 0, flowCollectionPadding, indentSeq, indent })),
    ),
  );
  const same = styles.find((style) => parseDocument(text, { schema: 'core', merge: true }).toString(style) === text);
  return same ?? (styles[0] as Style);
}

function tenantOf(document: Document, tenant: string): YAMLMap {
  const tenants = document.get('tenants');
  if (isSeq(tenants)) return itemOf(tenants, tenant, 'tenant');
  throw new CommandError('the configuration has no list of tenants');
}

function listOf(map: YAMLMap, key: string, where: string): YAMLSeq {
  const list = map.get(key);
  if (!isSeq(list)) throw new CommandError(`${where} has no list of ${key}; add ${key}: []`);
  // An empty list is written [], and a long one reads better in lines.
  if (list.items.length === 0 && key === 'tokens') list.flow = false;
  return list;
}

function itemOf(list: YAMLSeq, name: string, what: string): YAMLMap {
  const found = list.items.find((item) => isMap(item) && item.get('name') === name);
  if (isMap(found)) return found;
  const names = list.items.flatMap((item) => (isMap(item) ? [String(item.get('name'))] : []));
  throw new CommandError(`there is no ${what} ${JSON.stringify(name)}; there are ${names.join(', ') || 'none'}`);
}

/** What stands above the first entry is a comment on the list, and stays. */
function removeItem(list: YAMLSeq, item: YAMLMap): void {
  const index = list.items.indexOf(item);
  const next = list.items[index + 1];
  if (index === 0 && isMap(next)) next.commentBefore ??= item.commentBefore ?? null;
  list.items.splice(index, 1);
}
