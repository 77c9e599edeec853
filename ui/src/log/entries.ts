import { isRecord } from '../api/errors';
import type { EntryView } from '../api/types';
import { t } from '../messages';

/** What an entry's canonical JSON says, for reading; what counts is the bytes. */
export interface EntryContent {
  actor: string;
  facts: [string, string][];
}

/** What happened, in words; a kind newer than this page is shown as it is. */
export function kindOf(entry: EntryView): string {
  return kindInWords(entry.kind);
}

export function kindInWords(kind: string): string {
  return (t.log.kinds as Record<string, string | undefined>)[kind] ?? kind;
}

/** An entry that is no JSON object has no content to show; verification says what is wrong with it. */
export function contentOf(entry: EntryView): EntryContent {
  let record: unknown;
  try {
    record = JSON.parse(entry.entry);
  } catch {
    record = null;
  }
  if (!isRecord(record)) return { actor: t.common.none, facts: [] };
  const facts = isRecord(record.facts) ? Object.entries(record.facts) : [];
  return { actor: actorOf(record.actor), facts: facts.map(([name, value]) => [words(name), asText(value)]) };
}

/** Who caused it: a pseudonym, the command line or the program. */
function actorOf(actor: unknown): string {
  if (actor === 'console') return t.log.console;
  if (actor === 'system' || actor == null) return t.log.system;
  if (isRecord(actor) && typeof actor.person === 'string') return actor.person;
  return asText(actor);
}

const words = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

function asText(value: unknown): string {
  if (value === null) return t.common.none;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
