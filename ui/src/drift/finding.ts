import type { DispositionKind, FindingView } from '../api/types';
import { t } from '../messages';
import { reasonInWords } from '../jobs/reasons';

const text = t.drift;

/** Whom a finding is about: a person, or an account that nobody here is mapped to. */
export function whoOf({ person, hint }: Pick<FindingView, 'person' | 'hint'>): string {
  if (person) return person.name;
  return hint ? text.accountEnding(hint) : text.nobody;
}

/** Removing what is missing at the provider anyway means ending the access. */
const wordsFor = (finding: FindingView, kind: DispositionKind) =>
  kind === 'removal' && finding.kind === 'approved_but_missing' ? 'end' : kind;

/** What a disposition does to this finding, as buttons name it. */
export const dispositionLabel = (finding: FindingView, kind: DispositionKind): string => text.dispositions[wordsFor(finding, kind)];

/** The same in a sentence. */
export const dispositionHelp = (finding: FindingView, kind: DispositionKind): string => text.dispositionHelp[wordsFor(finding, kind)];

/** What people can do about a finding now; what the program alone decides is none of it. */
export const choicesOf = (finding: FindingView): DispositionKind[] =>
  finding.dispositions.filter((kind): kind is DispositionKind => kind in text.dispositionHelp);

/** What people can do about every one of several findings, meaning the same for each. */
export function choicesInCommon(findings: readonly FindingView[]): DispositionKind[] {
  const [first, ...others] = findings;
  if (!first) return [];
  const means = (finding: FindingView, kind: DispositionKind) => choicesOf(finding).includes(kind) && dispositionLabel(finding, kind);
  return choicesOf(first).filter((kind) => others.every((finding) => means(finding, kind) === means(first, kind)));
}

/** Why a group could not be checked, or is not this program's to change. */
export function causeInWords(code: string): string {
  return (t.providerGroups.reasons as Record<string, string | undefined>)[code] ?? reasonInWords(code);
}
