import Checkbox from '@atlaskit/checkbox';
import Form, { useFormState } from '@atlaskit/form';
import Select from '@atlaskit/select';
import SectionMessage from '@atlaskit/section-message';
import { useEffect, useId, useRef, useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { Output } from '../api/operations';
import type { ToolView } from '../api/types';
import { RiskLozenge } from '../catalog/lozenges';
import { bridge, type Place } from '../forge/bridge';
import { t } from '../messages';
import { AskFields, type AskValues, completed } from '../requests/AskFields';
import { PreviewedOutcome } from '../requests/Outcome';
import { Empty } from '../shell/Empty';
import { PanelTitle } from '../shell/PanelTitle';
import { LoadingRows } from '../shell/Loading';
import { Problem } from '../shell/problems';
import { useTimeZone } from '../shell/session';
import { formatInstant } from '../shell/When';

const text = t.intake;

/** Part of a portal's request form. Until it is ticked, the form is about something else and goes out as it is. */
export default function CreatePanel({ where }: { where: Place }) {
  const [asks, setAsks] = useState(false);
  useEffect(() => {
    if (!asks) void hand(null, true);
  }, [asks]);
  return (
    <>
      <PanelTitle>{text.title}</PanelTitle>
      {where.accountId ? <Choice asks={asks} onChange={setAsks} /> : <Empty title={text.signIn} hint={text.signInHint} />}
    </>
  );
}

function Choice({ asks, onChange }: { asks: boolean; onChange: (asks: boolean) => void }) {
  return (
    <>
      <Checkbox label={text.ask} isChecked={asks} onChange={(event) => onChange(event.currentTarget.checked)} />
      {asks ? <Ask /> : <p className="c-lead">{text.askHelp}</p>}
    </>
  );
}

/** What the issue is to carry: the draft's id and hash only; all else stays on this side. */
async function hand(draft: Output<'intake.draft'> | null, isValid: boolean): Promise<void> {
  const { view } = await bridge();
  const fields = draft ? [{ key: 'clearance', value: { draft: draft.draft, hash: draft.hash } }] : [];
  await view.submit({ fields, isValid });
}

function Ask() {
  const list = useList('catalog.list', { status: 'requestable' }, 100);
  const [tool, setTool] = useState<ToolView | null>(null);
  const id = useId();
  useEffect(() => {
    if (!tool) void hand(null, false);
  }, [tool]);
  const { hasMore, loadingMore, loadMore } = list;
  useEffect(() => {
    if (hasMore && !loadingMore) loadMore();
  }, [hasMore, loadingMore, loadMore]);
  if (list.error && !list.items) return <Problem error={list.error} onRetry={list.retry} />;
  if (!list.items) return <LoadingRows label={t.common.loading(text.tool)} rows={2} />;
  if (list.items.length === 0) return <Empty title={text.noTools} hint={text.noToolsHint} />;
  return (
    <>
      <label htmlFor={id} className="c-field-label">
        {text.tool}
      </label>
      <Select<{ value: string; label: string }>
        inputId={id}
        placeholder={text.choose}
        options={list.items.map((each) => ({ value: each.id, label: `${each.name} · ${each.vendor}` }))}
        onChange={(chosen) => setTool(list.items?.find((each) => each.id === chosen?.value) ?? null)}
        maxMenuHeight={220}
      />
      {tool ? <ToolForm key={tool.id} tool={tool} /> : <p className="c-lead">{text.toolHelp}</p>}
    </>
  );
}

function ToolForm({ tool }: { tool: ToolView }) {
  return (
    <Form<AskValues & Record<string, unknown>> onSubmit={() => undefined}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-form" aria-label={text.form}>
          <div className="c-lozenges c-or">
            <RiskLozenge risk={tool.risk} />
          </div>
          {tool.guidance && <p className="c-prose">{tool.guidance}</p>}
          <AskFields tool={tool} />
          <Draft tool={tool} />
        </form>
      )}
    </Form>
  );
}

const pauseMilliseconds = 800;

/** Keeps what is filled in, whenever the form rests complete, and hands the portal its id: the portal's own button sends it. */
function Draft({ tool }: { tool: ToolView }) {
  const state = useFormState<AskValues>({ values: true });
  const asked = completed(tool, state?.values);
  const wanted = asked ? JSON.stringify(asked) : '';
  const command = useCommand('intake.draft');
  const { run } = command;
  const [kept, setKept] = useState<{ of: string; draft?: Output<'intake.draft'>; error?: unknown }>({ of: '' });
  const [again, setAgain] = useState(0);
  const last = useRef('');
  const timeZone = useTimeZone();

  useEffect(() => {
    last.current = wanted;
    void hand(null, false);
    if (!wanted) return;
    const timer = setTimeout(async () => {
      try {
        const draft = await run(JSON.parse(wanted) as NonNullable<typeof asked>);
        if (last.current !== wanted) return;
        await hand(draft, true);
        setKept({ of: wanted, draft });
      } catch (error) {
        if (last.current === wanted) setKept({ of: wanted, error });
      }
    }, pauseMilliseconds);
    return () => clearTimeout(timer);
  }, [wanted, run, again]);

  const shown = kept.of === wanted ? kept : null;
  return (
    <div aria-live="polite" className="c-stack c-or">
      {!wanted && <p className="c-subtle">{text.incomplete}</p>}
      {wanted && !shown && <p className="c-subtle">{text.saving}</p>}
      {shown?.error !== undefined && (
        <Problem
          error={shown.error}
          onRetry={() => {
            setKept({ of: '' });
            setAgain(again + 1);
          }}
        />
      )}
      {shown?.draft && (
        <>
          <PreviewedOutcome preview={shown.draft.preview} />
          <SectionMessage appearance="success">
            <p>
              {text.ready} {text.until(formatInstant(shown.draft.expires_at, timeZone))}
            </p>
          </SectionMessage>
        </>
      )}
    </div>
  );
}
