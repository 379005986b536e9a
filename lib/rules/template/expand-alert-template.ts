import { compareStrings } from '../../model/compare-strings.ts';
import { type AlertTemplate, type Command, type Operand, type Pipeline, TemplateError } from './alert-template.ts';
import { callTemplateFunction, LAZY_FUNCTIONS, type TemplateWorld } from './template-functions.ts';
import {
  isLabelMap,
  isSample,
  isSampleList,
  isTrue,
  printValue,
  type TemplateValue,
  typeOf,
} from './template-value.ts';

/** What a template is about: one series of the alert's expression. */
export interface AlertData {
  /** With the metric name where the expression leaves it. */
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/**
 * The text that a template gives for an alert.
 *
 * @throws TemplateError; what `world.query` throws is its cause.
 */
export async function expandAlertTemplate(
  template: AlertTemplate,
  { labels, value }: AlertData,
  world: TemplateWorld,
): Promise<string> {
  const { externalUrl } = world;
  const external = world.externalLabels ?? new Map<string, string>();
  const root = { fields: { Labels: labels, ExternalLabels: external, ExternalURL: externalUrl, Value: value } };
  const scope = new Scope({
    $: root,
    $labels: labels,
    $externalLabels: external,
    $externalURL: externalUrl,
    $value: value,
  });
  const expansion = new Expansion(world);
  await expansion.list(template, root, scope);
  return expansion.text;
}

/** Variables of a block; those of the blocks around it are seen and can be set. */
class Scope {
  readonly #values: Map<string, TemplateValue>;
  readonly #outer: Scope | undefined;

  constructor(values: Readonly<Record<string, TemplateValue>>, outer?: Scope) {
    this.#values = new Map(Object.entries(values));
    this.#outer = outer;
  }

  get(name: string): TemplateValue {
    return this.#values.has(name) ? this.#values.get(name) : this.#outer?.get(name);
  }

  declare(name: string, value: TemplateValue): void {
    this.#values.set(name, value);
  }

  assign(name: string, value: TemplateValue): void {
    if (this.#values.has(name) || this.#outer === undefined) this.#values.set(name, value);
    else this.#outer.assign(name, value);
  }
}

class Expansion {
  text = '';
  readonly #world: TemplateWorld;

  constructor(world: TemplateWorld) {
    this.#world = world;
  }

  async list(nodes: AlertTemplate, dot: TemplateValue, scope: Scope): Promise<void> {
    for (const node of nodes) {
      if (node.kind === 'text') this.text += node.text;
      else if (node.kind === 'range') await this.#range(node, dot, new Scope({}, scope));
      else if (node.kind === 'action') {
        const value = await this.#assigned(node.pipeline, dot, scope);
        if (node.pipeline.assignment === undefined) this.text += printValue(value);
      } else {
        const inner = new Scope({}, scope);
        const value = await this.#assigned(node.pipeline, dot, inner);
        const nested = node.kind === 'with' && isTrue(value) ? value : dot;
        await this.list(isTrue(value) ? node.body : node.otherwise, nested, inner);
      }
    }
  }

  async #range(
    { pipeline, body, otherwise }: { pipeline: Pipeline; body: AlertTemplate; otherwise: AlertTemplate },
    dot: TemplateValue,
    scope: Scope,
  ): Promise<void> {
    const items = itemsOf(await this.#pipeline(pipeline, dot, scope));
    if (items.length === 0) return this.list(otherwise, dot, scope);
    for (const [key, item] of items) {
      const inner = new Scope({}, scope);
      const [first, second] = pipeline.variables;
      if (second !== undefined) {
        inner.declare(first as string, key);
        inner.declare(second, item);
      } else if (first !== undefined) inner.declare(first, item);
      await this.list(body, item, inner);
    }
  }

  async #assigned(pipeline: Pipeline, dot: TemplateValue, scope: Scope): Promise<TemplateValue> {
    const value = await this.#pipeline(pipeline, dot, scope);
    for (const name of pipeline.variables) {
      if (pipeline.assignment === ':=') scope.declare(name, value);
      else scope.assign(name, value);
    }
    return value;
  }

  async #pipeline({ commands }: Pipeline, dot: TemplateValue, scope: Scope): Promise<TemplateValue> {
    let piped: readonly TemplateValue[] = [];
    for (const command of commands) piped = [await this.#command(command, piped, dot, scope)];
    return piped[0];
  }

  async #command(
    [first, ...rest]: Command,
    piped: readonly TemplateValue[],
    dot: TemplateValue,
    scope: Scope,
  ): Promise<TemplateValue> {
    if (first === undefined) throw new Error('BUG: a command without operands');
    if (first.kind !== 'function') {
      if (rest.length + piped.length > 0) throw new TemplateError(`can't give argument to non-function`);
      return this.#operand(first, dot, scope);
    }
    const isEnough = LAZY_FUNCTIONS[first.name];
    const args: TemplateValue[] = [];
    for (const operand of rest) {
      args.push(await this.#operand(operand, dot, scope));
      if (isEnough?.(args.at(-1))) return args.at(-1);
    }
    return callTemplateFunction(first.name, [...args, ...piped], this.#world);
  }

  async #operand(operand: Operand, dot: TemplateValue, scope: Scope): Promise<TemplateValue> {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'function':
        return callTemplateFunction(operand.name, [], this.#world);
      case 'dot':
        return operand.fields.reduce(fieldOf, dot);
      case 'variable':
        return operand.fields.reduce(fieldOf, scope.get(operand.name));
      case 'pipeline':
        return operand.fields.reduce(fieldOf, await this.#pipeline(operand.pipeline, dot, scope));
    }
  }
}

/** A label that is not there is empty, as Prometheus asks Go for it; a field that is not there is an error. */
function fieldOf(value: TemplateValue, name: string): TemplateValue {
  if (isLabelMap(value)) return value.get(name) ?? '';
  if (isSample(value)) {
    if (name === 'Labels') return value.labels;
    if (name === 'Value') return value.value;
  } else if (typeof value === 'object' && 'fields' in value && Object.hasOwn(value.fields, name)) {
    return value.fields[name];
  }
  throw new TemplateError(`can't evaluate field ${name} in type ${typeOf(value)}`);
}

function itemsOf(value: TemplateValue): readonly (readonly [key: TemplateValue, item: TemplateValue])[] {
  if (value === undefined) return [];
  if (isSampleList(value)) return value.map((item, i) => [BigInt(i), item]);
  if (isLabelMap(value)) return [...value].sort(([a], [b]) => compareStrings(a, b));
  throw new TemplateError(`range can't iterate over ${printValue(value)}`);
}
