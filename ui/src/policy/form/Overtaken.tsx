import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import type { DraftView } from '../../api/types';
import { t } from '../../messages';
import { nameOf } from '../../people/who';
import { namesOf, sentenceOf } from '../sentences';

const text = t.ruleForm;

interface OvertakenProps {
  /** The newest draft. */
  draft: DraftView;
  /** The draft that the form was opened from. */
  seen: DraftView;
  /** The rule that the form is about; none for a new one. */
  rule: string | null;
  onGoOn: () => void;
  onTake: () => void;
}

/** Somebody else changed the draft while the form was open: who, whether this rule, and what can be done now. */
export function Overtaken({ draft, seen, rule, onGoOn, onTake }: OvertakenProps) {
  const find = (version: DraftView) => version.rules.find((each) => each.id === rule);
  const [theirs, before] = [find(draft), find(seen)];
  const same = JSON.stringify(theirs) === JSON.stringify(before);
  return (
    <div role="alert" className="c-banner">
      <SectionMessage appearance="warning" title={draft.changed_by ? text.stale(nameOf(draft.changed_by)) : t.drafts.stale}>
        {same && <p>{rule === null ? text.staleOthers : text.staleSame}</p>}
        {!same && !theirs && <p>{text.staleRemoved}</p>}
        {!same && theirs && (
          <>
            <p>{text.staleChanged}</p>
            <blockquote className="c-any-break">
              <strong>{theirs.name}</strong>: {sentenceOf(theirs, namesOf(draft.mentioned))}
            </blockquote>
          </>
        )}
        <div className="c-actions">
          <Button onClick={onGoOn}>{text.staleGoOn}</Button>
          {!same && theirs && (
            <Button appearance="subtle" onClick={onTake}>
              {text.staleTake}
            </Button>
          )}
        </div>
      </SectionMessage>
    </div>
  );
}
