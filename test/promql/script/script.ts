import type { Labels } from '../../../lib/model/labels.ts';
import type { SequenceValue } from '../../../lib/promql/notation/sequence-value.ts';

export type { SequenceValue };

/** A metric and its values, one a step. `line` counts from 1. */
export interface SeriesLine {
  readonly line: number;
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

/** A line `metric@st …`: start times in ms relative to each sample's own time; undefined where none is given. */
export interface StartTimesLine {
  readonly line: number;
  readonly labels: Labels;
  readonly offsets: readonly (number | undefined)[];
}

export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  /** ms between two values. */
  readonly step: number;
  /** Also load classic `_bucket` series as native histograms with custom buckets. */
  readonly withNhcb: boolean;
  readonly series: readonly SeriesLine[];
  readonly startTimes: readonly StartTimesLine[];
}

export interface ClearCommand {
  readonly kind: 'clear';
  readonly line: number;
}

/** What a text must equal (`msg:`) or contain a match of (`regex:`); undefined: any text. */
export interface TextExpectation {
  readonly message?: string;
  readonly regex?: RegExp;
}

export interface Expectations {
  readonly ordered: boolean;
  readonly fail: readonly TextExpectation[];
  readonly warn: readonly TextExpectation[];
  readonly info: readonly TextExpectation[];
  readonly noWarn: boolean;
  readonly noInfo: boolean;
}

/** When an expression is evaluated, in ms. */
export type EvalTimes =
  | { readonly kind: 'instant'; readonly time: number }
  | { readonly kind: 'range'; readonly start: number; readonly end: number; readonly step: number };

export type ExpectedResult =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'series'; readonly series: readonly SeriesLine[] }
  /** An instant query that returns a matrix: `expect range vector from … to … step …`. */
  | {
      readonly kind: 'range vector';
      readonly start: number;
      readonly end: number;
      readonly step: number;
      readonly series: readonly SeriesLine[];
    };

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly expression: string;
  readonly times: EvalTimes;
  readonly expectations: Expectations;
  readonly expected: ExpectedResult;
}

/** A line in a vocabulary of the caller's own, its indented lines attached. */
export interface VerbCommand {
  readonly kind: 'verb';
  readonly line: number;
  readonly verb: string;
  readonly rest: string;
  readonly body: readonly string[];
}

export type Command = LoadCommand | ClearCommand | EvalCommand | VerbCommand;

export interface Script {
  readonly file: string;
  readonly commands: readonly Command[];
}
