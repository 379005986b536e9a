import { isLegacyLabelName, METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type {
  AggregateExpr,
  BinaryExpr,
  DurationExpr,
  Expr,
  MatrixSelector,
  NumberLiteral,
  SubqueryExpr,
  TimeModifiers,
  VectorMatching,
  VectorSelector,
} from './ast.ts';
import { formatDuration } from './duration.ts';
import { formatDecimal } from './format-number.ts';
import { walk } from './walk.ts';

/** Longer expressions are split over lines by `prettyPrint`. */
const MAX_LINE = 100;

/** An expression in Prometheus's canonical form, on one line. Parsing it again gives the same expression. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'numberLiteral':
      return printNumber(expr);
    case 'stringLiteral':
      return JSON.stringify(expr.value);
    case 'vectorSelector':
      return `${printMatchers(expr)}${expr.extension === undefined ? '' : ` ${expr.extension}`}${printTime(expr)}`;
    case 'matrixSelector':
      return printMatrixSelector(expr);
    case 'subquery':
      return `${printExpr(expr.expr)}${printSubqueryWindow(expr)}`;
    case 'call':
      return `${expr.func}(${expr.args.map(printExpr).join(', ')})`;
    case 'aggregation': {
      const param = expr.param === undefined ? '' : `${printExpr(expr.param)}, `;
      return `${printAggregator(expr)}(${param}${printExpr(expr.expr)})`;
    }
    case 'binaryExpr':
      return `${printExpr(expr.lhs)} ${printOperator(expr)} ${printExpr(expr.rhs)}`;
    case 'unaryExpr':
      return `${expr.op}${printExpr(expr.expr)}`;
    case 'parenExpr':
      return `(${printExpr(expr.expr)})`;
  }
}

/** An expression as Prometheus's `/api/v1/format_query` lays it out: canonical, split where a line would be too long. */
export function prettyPrint(expr: Expr, level = 0): string {
  const indent = '  '.repeat(level);
  if (expr.kind === 'unaryExpr') return `${indent}${expr.op}${prettyPrint(expr.expr, level).trim()}`;
  if (fitsLine(expr)) return indent + printExpr(expr);
  const inner = (part: Expr) => prettyPrint(part, level + 1);
  switch (expr.kind) {
    case 'aggregation': {
      const param = expr.param === undefined ? '' : `${inner(expr.param)},\n`;
      return `${indent}${printAggregator(expr)}(\n${param}${inner(expr.expr)}\n${indent})`;
    }
    case 'binaryExpr':
      return `${inner(expr.lhs)}\n${indent}${printOperator(expr)}\n${inner(expr.rhs)}`;
    case 'call':
      return `${indent}${expr.func}(\n${expr.args.map(inner).join(',\n')}\n${indent})`;
    case 'parenExpr':
      return `${indent}(\n${inner(expr.expr)}\n${indent})`;
    case 'subquery':
      return `${prettyPrint(expr.expr, level)}${printSubqueryWindow(expr)}`;
    default:
      return indent + printExpr(expr);
  }
}

/** Each part is a character at least, so what has many is not printed at every level to see that it is too long. */
function fitsLine(expr: Expr): boolean {
  let parts = 0;
  for (const _ of walk(expr)) if (++parts > MAX_LINE) return false;
  return printExpr(expr).length <= MAX_LINE;
}

/** `sum by (job) `, ready for the opening parenthesis. */
function printAggregator({ op, grouping, without }: AggregateExpr): string {
  if (!without && grouping.length === 0) return op;
  return `${op} ${without ? 'without' : 'by'} (${printLabels(grouping)}) `;
}

/** The operator with all its modifiers. */
function printOperator({ op, returnBool, matching }: BinaryExpr): string {
  return `${op}${returnBool ? ' bool' : ''}${matching === undefined ? '' : printMatching(matching)}`;
}

/** `[5m:1m] @ 10.000 offset 1h`. */
function printSubqueryWindow(expr: SubqueryExpr): string {
  const range = expr.rangeExpr === undefined ? formatDuration(expr.range) : printDuration(expr.rangeExpr);
  const step = expr.step === 0 ? '' : formatDuration(expr.step);
  return `[${range}:${expr.stepExpr === undefined ? step : printDuration(expr.stepExpr)}]${printTime(expr)}`;
}

function printNumber({ value, duration }: NumberLiteral): string {
  if (!duration) return formatDecimal(value);
  const text = formatDuration(Math.round(Math.abs(value) * 1000));
  return value < 0 ? `-${text}` : text;
}

function printMatrixSelector({ selector, range, rangeExpr }: MatrixSelector): string {
  const window = rangeExpr === undefined ? formatDuration(range) : printDuration(rangeExpr);
  const extension = selector.extension === undefined ? '' : ` ${selector.extension}`;
  return `${printMatchers(selector)}[${window}]${extension}${printTime(selector)}`;
}

function printMatchers({ name, matchers }: VectorSelector): string {
  const isName = (matcher: Matcher) =>
    matcher.name === METRIC_NAME && matcher.type === '=' && matcher.value === name && name !== '';
  const shown = matchers.filter((matcher) => !isName(matcher)).map(printMatcher);
  if (shown.length === 0) return name === '' ? '{}' : name;
  return `${name}{${shown.sort().join(',')}}`;
}

function printMatcher({ name, type, value }: Matcher): string {
  return `${printLabel(name)}${type}${JSON.stringify(value)}`;
}

function printTime({ offset, offsetExpr, timestamp, startOrEnd }: TimeModifiers): string {
  const at =
    timestamp !== undefined
      ? ` @ ${(timestamp / 1000).toFixed(3)}`
      : startOrEnd !== undefined
        ? ` @ ${startOrEnd}()`
        : '';
  if (offsetExpr !== undefined) return `${at} offset ${printDuration(offsetExpr)}`;
  if (offset === 0) return at;
  return `${at} offset ${offset < 0 ? '-' : ''}${formatDuration(Math.abs(offset))}`;
}

function printMatching({ card, labels, on, include, fillLeft, fillRight }: VectorMatching): string {
  const grouped = card === 'many-to-one' || card === 'one-to-many';
  let text = labels.length > 0 || on || grouped ? ` ${on ? 'on' : 'ignoring'} (${printLabels(labels)})` : '';
  if (grouped) text += ` group_${card === 'many-to-one' ? 'left' : 'right'} (${printLabels(include)})`;
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight)) return `${text} fill (${formatDecimal(fillLeft)})`;
  if (fillLeft !== undefined) text += ` fill_left (${formatDecimal(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatDecimal(fillRight)})`;
  return text;
}

function printDuration(expr: DurationExpr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber({ kind: 'numberLiteral', ...pick(expr) });
    case 'step':
    case 'range':
      return `${expr.kind}()`;
    case 'min_of':
    case 'max_of':
      return `${expr.kind}(${printDuration(expr.lhs)}, ${printDuration(expr.rhs)})`;
    case 'binary':
      return `${printDuration(expr.lhs)} ${expr.op} ${printDuration(expr.rhs)}`;
    case 'unary':
      return `${expr.op}${printDuration(expr.expr)}`;
    case 'paren':
      return `(${printDuration(expr.expr)})`;
  }
}

function pick({ value, duration, position }: Extract<DurationExpr, { kind: 'number' }>): Omit<NumberLiteral, 'kind'> {
  return { value, duration, position };
}

function printLabels(names: readonly string[]): string {
  return names.map(printLabel).join(', ');
}

function printLabel(name: string): string {
  return isLegacyLabelName(name) ? name : JSON.stringify(name);
}
