import { t } from '../messages';

/** Why something does not go on, in a sentence; a code newer than this page is shown as it is. */
export function reasonInWords(code: string): string {
  return (t.jobs.reasons as Record<string, string | undefined>)[code] ?? code;
}
