import Button from '@atlaskit/button/new';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useState } from 'react';
import { useList } from '../api/hooks';
import type { Input } from '../api/operations';
import type { ReviewView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { When } from '../shell/When';
import { PostponeDialog } from './PostponeDialog';
import { ReviewDialog } from './ReviewDialog';

const text = t.reviews;

export type ReviewState = NonNullable<Input<'reviews.list'>['state']>;

const colours: Record<string, ThemeAppearance> = {
  open: 'inprogress',
  postponed: 'moved',
  decided: 'success',
  undecided: 'removed',
  void: 'default',
};

/** Reviews, with what the caller can do about each. */
export function Reviews({ asked }: { asked: Input<'reviews.list'> }) {
  const list = useList('reviews.list', asked);
  const [deciding, setDeciding] = useState<ReviewView | null>(null);
  const [postponing, setPostponing] = useState<ReviewView | null>(null);
  return (
    <>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(review) => review.id}
        empty={asked.mine ? <Empty title={text.noneMine} hint={text.noneMineHint} /> : <Empty title={text.none} hint={text.noneHint} />}
        columns={[
          {
            key: 'who',
            header: text.who,
            width: 22,
            cell: ({ person, grant, tool }) => (
              <>
                {asked.mine ? person.name : <a href={`#/access/${grant}`}>{person.name}</a>}
                <div className="c-subtle">{tool.name}</div>
              </>
            ),
          },
          { key: 'why', header: text.why, width: 18, cell: ({ cause }) => text.causes[cause] },
          {
            key: 'ends',
            header: text.ends,
            width: 20,
            cell: ({ ends_at: endsAt }) => (endsAt ? <When at={endsAt} relative /> : text.notYet),
          },
          {
            key: 'reviewer',
            header: text.reviewer,
            width: 14,
            cell: ({ reviewer, on_behalf_of: delegator }) => (
              <>
                {reviewer}
                {delegator && <div className="c-subtle">{text.youDecideFor(delegator.name)}</div>}
              </>
            ),
          },
          { key: 'standing', header: text.standing, cell: (review) => <Standing review={review} /> },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 12,
            cell: (review) => (
              <div className="c-stack">
                {review.may_decide && (
                  <Button
                    appearance="primary"
                    spacing="compact"
                    aria-label={text.decideOf(review.person.name, review.tool.name)}
                    onClick={() => setDeciding(review)}
                  >
                    {text.decide}
                  </Button>
                )}
                {review.may_postpone && (
                  <Button
                    spacing="compact"
                    aria-label={text.postponeOf(review.person.name, review.tool.name)}
                    onClick={() => setPostponing(review)}
                  >
                    {text.postpone}
                  </Button>
                )}
              </div>
            ),
          },
        ]}
      />
      {deciding && <ReviewDialog key={deciding.id} review={deciding} onClose={() => setDeciding(null)} />}
      {postponing && <PostponeDialog key={postponing.id} review={postponing} onClose={() => setPostponing(null)} />}
    </>
  );
}

/** Who did it, and for whom if they stood in for somebody. */
const nameFor = (name: string, delegator?: string) => (delegator ? text.nameFor(name, delegator) : name);

function Standing({ review }: { review: ReviewView }) {
  const { decision } = review;
  return (
    <>
      <Lozenge appearance={colours[review.state] ?? 'default'}>{text.standings[review.state] ?? review.state}</Lozenge>
      {review.rests_until && (
        <p>
          {text.restsUntil} <When at={review.rests_until} />
        </p>
      )}
      {review.void_because && <p>{text.voids[review.void_because]}</p>}
      {decision && (
        <>
          <p>
            {text.decided[decision.kind] ?? decision.kind} {text.by(nameFor(decision.by.name, decision.on_behalf_of?.name))}
          </p>
          {decision.renewal && <p>{text.renewals[decision.renewal.kind]}</p>}
          {decision.reason && <p className="c-subtle">{decision.reason}</p>}
        </>
      )}
    </>
  );
}
