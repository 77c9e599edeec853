import Button from '@atlaskit/button/new';
import { useRef } from 'react';
import { useOperation } from '../api/hooks';
import type { DraftView } from '../api/types';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Problem } from '../shell/problems';
import { type RuleChange, RuleChanges } from './RuleChanges';
import { namesOf } from './sentences';
import type { DraftInUse } from './useDraft';

const text = t.drafts;

/** What the draft changes of the policy in force, rule by rule. With `inUse`, each change can be undone. */
export function DraftChanges({ draft, inUse }: { draft: DraftView; inUse?: DraftInUse }) {
  const query = useOperation('policies.get', { number: draft.active });
  const notice = useNotice();
  const list = useRef<HTMLDivElement>(null);
  const active = query.data?.policy;
  if (query.error && !active) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (!active) return <LoadingRows label={t.common.loadingPage} />;

  const undo = ({ before, after }: RuleChange) => {
    const rule = before ?? after;
    if (!inUse || !rule) return;
    void inUse.change(before ? { put: [before] } : { remove: [rule.id] }).then((done) => {
      if (!done) return;
      notice(text.undone(rule.name));
      // Its button goes with it.
      list.current?.focus();
    });
  };
  return (
    <div ref={list} tabIndex={-1} className="c-heading-focus">
      <RuleChanges
        before={active.rules}
        after={draft.rules}
        difference={draft.difference}
        names={namesOf(draft.mentioned, active.mentioned)}
        actionOf={
          inUse &&
          ((change) => (
            <Button
              spacing="compact"
              aria-label={text.undoOf((change.after ?? change.before)?.name ?? '')}
              isDisabled={inUse.busy}
              onClick={() => undo(change)}
            >
              {text.undo}
            </Button>
          ))
        }
      />
    </div>
  );
}
