import Button, { LinkButton } from '@atlaskit/button/new';
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu';
import VisuallyHidden from '@atlaskit/visually-hidden';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { DraftView, LintFinding, Rule } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { useNotice } from '../shell/notice';
import { useIsAdministrator } from '../shell/session';
import { Rules } from './Rules';
import { namesOf } from './sentences';
import type { DraftInUse } from './useDraft';
import type { Find } from './useFind';

const text = t.drafts;

interface DraftRulesProps {
  draft: DraftView;
  inUse: DraftInUse;
  findings: readonly LintFinding[];
  find: Find;
}

/** The draft's rules with what an administrator may do to each. Every change is stored at once. */
export function DraftRules({ draft, inUse, findings, find }: DraftRulesProps) {
  const administers = useIsAdministrator();
  const [removing, setRemoving] = useState<Rule | null>(null);
  const order = useOrder(draft, inUse);
  return (
    <>
      {administers && (
        <div className="c-rule-head">
          <p className="c-subtle c-hint">{text.orderHint}</p>
          <LinkButton appearance="primary" href="#/governance/draft/new">
            {text.addRule}
          </LinkButton>
        </div>
      )}
      <VisuallyHidden>
        <div role="status">{order.said}</div>
      </VisuallyHidden>
      <Rules
        label={text.rules}
        rules={draft.rules}
        names={namesOf(draft.mentioned)}
        findings={findings}
        find={find}
        actionsOf={
          administers
            ? (rule, place) => (
                <RuleActions rule={rule} place={place} of={draft.rules.length} move={order.move} onRemove={() => setRemoving(rule)} />
              )
            : undefined
        }
      />
      <RemoveDialog rule={removing} inUse={inUse} onClose={() => setRemoving(null)} />
    </>
  );
}

type Move = (rule: Rule, to: number, button: string) => void;

/** Moving rules; the focus stays with the rule that was moved, and its new place is read out. */
function useOrder(draft: DraftView, inUse: DraftInUse) {
  const [said, setSaid] = useState('');
  const focus = useRef<string | null>(null);
  useEffect(() => {
    if (focus.current === null) return;
    const button = document.getElementById(focus.current);
    const other = focus.current.startsWith('up-') ? focus.current.replace('up-', 'down-') : focus.current.replace('down-', 'up-');
    (button instanceof HTMLButtonElement && button.disabled ? document.getElementById(other) : button)?.focus();
    focus.current = null;
  }, [draft.version]);

  const move: Move = (rule, to, button) => {
    const rest = draft.rules.map(({ id }) => id).filter((id) => id !== rule.id);
    const order = [...rest.slice(0, to), rule.id, ...rest.slice(to)];
    // The new order may be shown before the answer is known here.
    focus.current = button;
    void inUse.change({ order }).then((done) => {
      if (done) setSaid(text.moved(rule.name, to + 1, order.length));
      else focus.current = null;
    });
  };
  return { move, said };
}

interface RuleActionsProps {
  rule: Rule;
  place: number;
  of: number;
  move: Move;
  onRemove: () => void;
}

function RuleActions({ rule, place, of, move, onRemove }: RuleActionsProps) {
  const [, navigate] = useLocation();
  const [up, down] = [`up-${rule.id}`, `down-${rule.id}`];
  return (
    <>
      <LinkButton spacing="compact" href={`#/governance/draft/${rule.id}`} aria-label={text.editOf(rule.name)}>
        {text.edit}
      </LinkButton>
      <Button
        id={up}
        spacing="compact"
        aria-label={text.upOf(rule.name)}
        isDisabled={place === 0}
        onClick={() => move(rule, place - 1, up)}
      >
        {text.up}
      </Button>
      <Button
        id={down}
        spacing="compact"
        aria-label={text.downOf(rule.name)}
        isDisabled={place === of - 1}
        onClick={() => move(rule, place + 1, down)}
      >
        {text.down}
      </Button>
      <DropdownMenu<HTMLButtonElement>
        shouldRenderToParent
        placement="bottom-end"
        spacing="compact"
        trigger={({ triggerRef, ...props }) => (
          <Button ref={triggerRef} {...props} spacing="compact" aria-label={text.more(rule.name)}>
            …
          </Button>
        )}
      >
        <DropdownItemGroup>
          <DropdownItem onClick={() => move(rule, 0, down)}>{text.toTop}</DropdownItem>
          <DropdownItem onClick={() => move(rule, of - 1, up)}>{text.toEnd}</DropdownItem>
          <DropdownItem onClick={() => navigate(`/governance/draft/copy-${rule.id}`)}>{text.duplicate}</DropdownItem>
          <DropdownItem onClick={onRemove}>{text.remove}</DropdownItem>
        </DropdownItemGroup>
      </DropdownMenu>
    </>
  );
}

function RemoveDialog({ rule, inUse, onClose }: { rule: Rule | null; inUse: DraftInUse; onClose: () => void }) {
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={rule !== null}
      title={text.removeTitle}
      submitLabel={text.remove}
      appearance="danger"
      onSubmit={async () => {
        if (!rule) return;
        await inUse.attempt({ remove: [rule.id] });
        notice(text.removed(rule.name));
      }}
      onClose={onClose}
    >
      <p>
        <strong>{rule?.name}</strong>
      </p>
      <p>{text.removeWhy}</p>
    </CommandDialog>
  );
}
