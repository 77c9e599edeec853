import type { Settings } from '../api/types';
import { t } from '../messages';

type ReviewSettings = NonNullable<Settings['reviews']>;
type Risk = keyof typeof t.catalog.risks;

/** Whom a rule or a setting names. */
export type Reviewers = NonNullable<ReviewSettings['reviewers']>[string];

export const risks = Object.keys(t.catalog.risks) as Risk[];

/** The numbers, with their bounds. */
export const reviewCounts = [
  { name: 'postponements', least: 0, most: 5 },
  { name: 'postponement_days', least: 1, most: 30 },
  { name: 'burst_grants', least: 0, most: 1_000_000 },
  { name: 'burst_days', least: 1, most: 30 },
] as const;

export type ReviewCount = (typeof reviewCounts)[number]['name'];

export const reviewField = (name: ReviewCount) => `reviews_${name}` as const;
export const reviewerField = (risk: Risk) => `reviewers_${risk}` as const;

/** As one text, which a list of choices takes. */
export function valueOf(reviewers: Reviewers): string {
  if (typeof reviewers === 'string') return reviewers;
  return 'group' in reviewers ? `group:${reviewers.group}` : `person:${reviewers.person}`;
}

/** The same back. */
export function reviewerOf(value: string): Reviewers {
  const [kind, id] = value.split(':', 2);
  if (kind === 'group' && id) return { group: id };
  if (kind === 'person' && id) return { person: id };
  return value as Extract<Reviewers, string>;
}

/** What the form holds of reviews. */
export type ReviewValues = { [name in `reviewers_${string}`]?: { value: string } } & { [name in `reviews_${string}`]?: string };

/** The whole of it, when anything differs from the settings as loaded. */
export function reviewsOf(values: ReviewValues, before: ReviewSettings): ReviewSettings | undefined {
  const reviewers: NonNullable<ReviewSettings['reviewers']> = {};
  for (const risk of risks) {
    const chosen = values[reviewerField(risk)]?.value;
    // What nobody named before, and is the owners', stays unnamed.
    if (chosen && (chosen !== 'tool_owners' || before.reviewers?.[risk])) reviewers[risk] = reviewerOf(chosen);
  }
  const counts = Object.fromEntries(reviewCounts.map(({ name }) => [name, Number(values[reviewField(name)])]));
  const after: ReviewSettings = { ...before, reviewers, ...counts };
  const named = (of: ReviewSettings) => risks.map((risk) => valueOf(of.reviewers?.[risk] ?? 'tool_owners'));
  const same = reviewCounts.every(({ name }) => after[name] === before[name]) && String(named(after)) === String(named(before));
  return same ? undefined : after;
}
