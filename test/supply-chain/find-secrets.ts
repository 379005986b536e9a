/** Something that looks like a credential. */
export interface FoundSecret {
  readonly kind: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What credentials look like that should never be in a repository; written so that this file does not match itself. */
const SECRETS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\n\r]{40}/g],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g],
  ['an AWS secret key', /aws_?secret_?access_?key["']?\s*[:=]\s*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/g],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}\b/g],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*[^$\s]/g],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{20,}\b/g],
  ['a Google key', /\bAIza[A-Za-z0-9_-]{35}\b/g],
  ['a Grafana token', /\bgl(?:sa|c)_[A-Za-z0-9_+/=]{32,}/g],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/g],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{20,}\b/g],
  [
    'a password in a URL',
    /\bhttps?:\/\/[^\s:@/"'`$<>{}]+:(?!\*+@|pass(?:word)?@|secret@)[^\s:@/"'`$<>{}]{12,}@[a-z0-9-]+\.[a-z]/gi,
  ],
];

/** Finds what looks like a credential in a text. */
export function findSecrets(text: string): readonly FoundSecret[] {
  return SECRETS.flatMap(([kind, pattern]) =>
    [...text.matchAll(pattern)].map(({ index }) => ({ kind, line: text.slice(0, index).split('\n').length })),
  );
}
