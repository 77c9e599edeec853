import type { Who } from '../api/types';
import { t } from '../messages';

/** Who did something: a person by name, the host's command line, or the program itself. */
export function nameOf(who: Who): string {
  if ('name' in who) return who.name;
  return who.kind === 'console' ? t.common.theConsole : t.common.theProgram;
}
