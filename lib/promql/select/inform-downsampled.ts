import type { Annotations } from '../annotations.ts';
import { formatDuration } from '../duration.ts';
import type { LoadedSelectors } from './loaded-selectors.ts';
import type { SelectionWindow } from './selection-windows.ts';

/** Tells of selectors that are answered from windows instead of samples, and up to when. */
export function informDownsampled(
  annotations: Annotations,
  windows: readonly SelectionWindow[],
  loaded: LoadedSelectors,
): void {
  for (const { selector } of windows) {
    const { segments } = loaded.of(selector);
    const last = segments.at(-1);
    if (last === undefined) continue;
    const widths = [...new Set(segments.map(({ width }) => formatDuration(width)))].join(' and ');
    const until = new Date(last.upTo).toISOString();
    const text = `answered from windows of ${widths} up to ${until}; max_source_resolution=0s asks for samples alone`;
    annotations.info(`PromQL info: ${text}`, selector.position);
  }
}
