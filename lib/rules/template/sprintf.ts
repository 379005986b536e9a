import { formatFloatGeneral } from '../../model/format-float.ts';
import { formatExponent, formatFixed, formatGeneral, formatSpecial } from './format-number.ts';
import { printValue, type TemplateValue, typeOf } from './template-value.ts';

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d*))?(.?)/gsu;

interface Verb {
  readonly flags: string;
  readonly width: number;
  /** Absent where none is written. */
  readonly precision: number | undefined;
  readonly verb: string;
}

/** Go's `fmt.Sprintf`, with its own marks for what does not fit: `%!d(float64=1.5)`, `%!d(MISSING)`, `%!(EXTRA …)`. */
export function sprintf(format: string, args: readonly TemplateValue[]): string {
  let used = 0;
  const text = format.replace(VERB, (_, flags: string, width = '0', precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (verb === '') return '%!(NOVERB)';
    if (used >= args.length) return `%!${verb}(MISSING)`;
    const spec = {
      flags,
      width: Number(width),
      precision: precision === undefined ? undefined : Number(precision),
      verb,
    };
    return pad(formatArgument(spec, args[used++]), spec);
  });
  const extra = args.slice(used).map((value) => `${typeOf(value)}=${printValue(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatArgument(spec: Verb, value: TemplateValue): string {
  const { verb } = spec;
  if (verb === 'v') return typeof value === 'number' ? formatNumber(spec, value) : signed(spec, printValue(value));
  if (verb === 'T') return typeOf(value);
  if (typeof value === 'number') return 'eEfFgG'.includes(verb) ? formatNumber(spec, value) : mismatch(verb, value);
  if (typeof value === 'bigint') return formatInteger(spec, value);
  if (typeof value === 'boolean') return verb === 't' ? String(value) : mismatch(verb, value);
  if (typeof value === 'string') return formatString(spec, value);
  return verb === 's' ? printValue(value) : mismatch(verb, value);
}

function formatString({ verb, precision, flags }: Verb, value: string): string {
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q') return flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : JSON.stringify(cut);
  if (verb !== 'x' && verb !== 'X') return mismatch(verb, value);
  const hex = Buffer.from(cut, 'utf8').toString('hex');
  return verb === 'x' ? hex : hex.toUpperCase();
}

function formatInteger(spec: Verb, value: bigint): string {
  switch (spec.verb) {
    case 'd':
      return signed(spec, String(value));
    case 'x':
    case 'X': {
      const hex = signed(spec, value.toString(16));
      return spec.verb === 'x' ? hex : hex.toUpperCase();
    }
    case 'o':
      return signed(spec, value.toString(8));
    case 'b':
      return signed(spec, value.toString(2));
    case 'c':
      return String.fromCodePoint(Number(value));
    default:
      return mismatch(spec.verb, value);
  }
}

function formatNumber(spec: Verb, value: number): string {
  const { verb, precision } = spec;
  const special = formatSpecial(value);
  if (special !== undefined) return spec.flags.includes('+') ? special : special.replace(/^\+/, '+');
  switch (verb.toLowerCase()) {
    case 'e':
      return upper(verb, signed(spec, formatExponent(value, precision ?? 6)));
    case 'f':
      return signed(spec, formatFixed(value, precision ?? 6));
    default:
      return upper(
        verb,
        signed(spec, precision === undefined ? formatFloatGeneral(value) : formatGeneral(value, precision)),
      );
  }
}

function upper(verb: string, text: string): string {
  return verb === 'E' || verb === 'G' ? text.toUpperCase() : text;
}

function signed({ flags }: Verb, text: string): string {
  if (!/^[\d]/.test(text)) return text;
  if (flags.includes('+')) return `+${text}`;
  return flags.includes(' ') ? ` ${text}` : text;
}

function mismatch(verb: string, value: TemplateValue): string {
  return `%!${verb}(${typeOf(value)}=${printValue(value)})`;
}

function pad(text: string, { flags, width, verb }: Verb): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  const isNumber = /^[+\- ]?\d/.test(text) && verb !== 's' && verb !== 'q';
  if (!flags.includes('0') || !isNumber) return ' '.repeat(missing) + text;
  const sign = /^[+\- ]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}
