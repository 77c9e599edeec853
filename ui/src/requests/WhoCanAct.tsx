import type { RequestView } from '../api/types';
import { t } from '../messages';
import { When } from '../shell/When';
import { nameOf } from './Stages';

const text = t.requests;

/** Everybody who can act now, by name, and since when. */
export function WhoCanAct({ can }: { can: NonNullable<RequestView['can_act']> }) {
  if (can.people.length === 0) return <p className="c-subtle">{text.canActNobody}</p>;
  return (
    <ul aria-label={text.canAct}>
      {can.people.map(({ person, on_behalf_of, since }) => (
        <li key={person.id}>
          {nameOf(person, on_behalf_of)}{' '}
          <span className="c-subtle">
            {text.canActSince} <When at={since} />
          </span>
        </li>
      ))}
      {can.more && <li className="c-subtle">{text.canActMore}</li>}
    </ul>
  );
}
