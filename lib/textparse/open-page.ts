import type { ExpositionFormat } from './exposition-format.ts';
import { OpenMetricsParser } from './openmetrics-parser.ts';
import type { PageParser, ParseOptions } from './page-parser.ts';
import { ProtobufParser } from './protobuf-parser.ts';
import { TextParser } from './text-parser.ts';

/**
 * A parser for a page in the format that `formatOf` read from its headers.
 * @param page the decompressed body; it must not change while it is read.
 * @throws ExpositionLimitError where the body is too large.
 */
export function openPage(page: Uint8Array, format: ExpositionFormat, options: ParseOptions = {}): PageParser {
  switch (format.syntax) {
    case 'text':
      return new TextParser(page, options);
    case 'openmetrics':
      return new OpenMetricsParser(page, options);
    case 'protobuf':
      return new ProtobufParser(page, options);
    default:
      throw new Error(`BUG: unknown exposition syntax ${format.syntax satisfies never}`);
  }
}
