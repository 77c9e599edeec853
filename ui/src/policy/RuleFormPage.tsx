import Button, { LinkButton } from '@atlaskit/button/new';
import { type FormEvent, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand, useOperation } from '../api/hooks';
import type { DraftView, Rule } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { useLeaving } from '../shell/leaving';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { Findings } from './Findings';
import { ConditionFields } from './form/ConditionFields';
import { TextControl } from './form/controls';
import { EffectFields } from './form/EffectFields';
import { Overtaken } from './form/Overtaken';
import { formOf, namesIn, newRule, problemsOf, ruleOf, type RuleForm } from './form/ruleForm';
import { Rules } from './Rules';
import { namesOf, sentenceOf } from './sentences';
import { isStale } from './useDraft';

const text = t.ruleForm;
const back = '/governance/draft';

/** The form of one rule of the draft; `new`, and `copy-` with a rule's id, make another. */
export default function RuleFormPage({ id }: { id: string }) {
  const query = useOperation('policies.draft', {});
  const administers = useIsAdministrator();
  const draft = query.data?.draft;
  const isNew = id === 'new' || id.startsWith('copy-');
  const rule = draft?.rules.find((each) => each.id === id.replace('copy-', ''));
  const missing = draft && !rule && id !== 'new';
  return (
    <Page title={isNew ? text.newTitle : text.editTitle(rule?.name ?? '')} back={{ href: `#${back}`, label: text.back }}>
      {query.error && !draft && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {administers ? (
        <Kept draft={draft} rule={rule} isNew={isNew} missing={missing} newest={async () => void (await query.refetch())} />
      ) : (
        draft && <Rules label={t.drafts.rules} rules={rule ? [rule] : []} names={namesOf(draft.mentioned)} />
      )}
    </Page>
  );
}

interface KeptProps {
  draft: DraftView | undefined;
  rule: Rule | undefined;
  isNew: boolean;
  missing: boolean | undefined;
  newest: () => Promise<void>;
}

/** Once the form is open it stays, also when somebody removes its rule meanwhile. */
function Kept({ draft, rule, isNew, missing, newest }: KeptProps) {
  const [opened, setOpened] = useState<RuleForm | null>(null);
  if (!draft) return null;
  if (!opened && missing) return <Empty title={text.gone} hint={text.goneHint} link={{ href: `#${back}`, label: text.back }} />;
  if (!opened) {
    const form = rule ? formOf(rule, namesOf(draft.mentioned)) : newRule();
    setOpened(isNew ? { ...form, id: null } : form);
    return null;
  }
  return <RuleEditor draft={draft} start={opened} newest={newest} />;
}

interface EditorProps {
  draft: DraftView;
  start: RuleForm;
  newest: () => Promise<void>;
}

function RuleEditor({ draft, start, newest }: EditorProps) {
  const [form, setForm] = useState(start);
  // What the person saw when the form was opened: saving changes that version and no other.
  const [seen, setSeen] = useState(draft);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [saved, setSaved] = useState(false);
  const put = useCommand('policies.put_draft');
  const notice = useNotice();
  const [, navigate] = useLocation();
  const element = useRef<HTMLFormElement>(null);
  const lint = useOperation('policies.lint', {});

  const rule = ruleOf(form);
  const changed = JSON.stringify(rule) !== JSON.stringify(ruleOf(start));
  const leaving = useLeaving(changed && !saved, text.leaveWhy);
  const problems = tried ? problemsOf(form) : {};
  const set = (over: Partial<RuleForm>) => setForm((now) => ({ ...now, ...over }));
  const overtaken = !saved && draft.version !== seen.version;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setError(null);
    if (Object.keys(problemsOf(form)).length > 0) {
      // Once the complaints are there, the first of them gets the focus.
      requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      return;
    }
    try {
      await put.run({ version: seen.version, put: [rule] });
      setSaved(true);
      leaving.release();
      notice(text.saved(rule.name));
      navigate(back);
    } catch (problem) {
      if (isStale(problem)) await newest();
      else setError(problem);
    }
  };
  const takeTheirs = () => {
    const theirs = draft.rules.find((each) => each.id === form.id);
    if (theirs) setForm(formOf(theirs, namesOf(draft.mentioned)));
    setSeen(draft);
  };

  return (
    <form ref={element} noValidate onSubmit={(event) => void save(event)} className="c-rule-form">
      {overtaken && <Overtaken draft={draft} seen={seen} rule={form.id} onGoOn={() => setSeen(draft)} onTake={takeTheirs} />}
      {error !== null && <Problem error={error} />}
      <div className="c-sentence" aria-live="polite">
        <div className="c-subtle">{text.sentence}</div>
        <p className="c-any-break">{sentenceOf({ when: rule.when ?? {}, then: rule.then }, namesIn(form))}</p>
      </div>
      <Findings of={start.name} findings={(lint.data?.findings ?? []).filter((finding) => finding.rule === form.id)} />
      <TextControl
        label={text.name}
        help={text.nameHelp}
        value={form.name}
        error={problems.name}
        onChange={(name) => set({ name })}
        required
      />
      <ConditionFields form={form} set={set} problems={problems} />
      <EffectFields form={form} set={set} problems={problems} />
      {Object.keys(problems).length > 0 && (
        <p role="alert" className="c-complaint">
          {text.fixFirst}
        </p>
      )}
      <div className="c-actions c-or">
        <Button appearance="primary" type="submit" isLoading={put.busy} isDisabled={overtaken}>
          {text.save}
        </Button>
        <LinkButton appearance="subtle" href={`#${back}`}>
          {t.common.cancel}
        </LinkButton>
      </div>
      {leaving.dialog}
    </form>
  );
}
