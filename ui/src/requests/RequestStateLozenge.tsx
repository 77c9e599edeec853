import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { t } from '../messages';

type State = keyof typeof t.requests.states;

const colours: Record<State, ThemeAppearance> = {
  pending: 'inprogress',
  needs_information: 'moved',
  approved: 'success',
  denied: 'removed',
  cancelled: 'default',
  lapsed: 'default',
  awaiting_seat: 'inprogress',
  seat_offered: 'moved',
  forgone: 'default',
};

/** Where a request stands; a state newer than this page is shown as it is. */
export function RequestStateLozenge({ state }: { state: string }) {
  return (
    <Lozenge appearance={colours[state as State] ?? 'default'} maxWidth="100%">
      {t.requests.states[state as State] ?? state}
    </Lozenge>
  );
}
