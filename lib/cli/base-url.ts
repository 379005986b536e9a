import { InvalidArgumentError } from 'commander';

/** Reads an option that names a server: http or https, without slashes at its end. */
export function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
  throw new InvalidArgumentError('It must be a URL with http:// or https://.');
}
