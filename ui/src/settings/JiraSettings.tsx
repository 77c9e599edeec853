import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import type { Settings } from '../api/types';
import { t } from '../messages';
import { Choice, type Option, TextInput } from '../shell/fields';
import { useHost } from '../shell/host';
import { useNotice } from '../shell/notice';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';

const text = t.settings.jira;
type Jira = NonNullable<Settings['jira']>;
type Audience = NonNullable<Jira['comments']>;
type Transition = keyof typeof text.transitions;
const moves = Object.keys(text.transitions) as Transition[];
const audiences = (Object.keys(text.audiences) as Audience[]).map((value) => ({ value, label: text.audiences[value] }));
const yesOrNo = (choices: Record<'yes' | 'no', string>): Option<'yes' | 'no'>[] => [
  { value: 'yes', label: choices.yes },
  { value: 'no', label: choices.no },
];
const onClose = yesOrNo(text.onClose);
const onUninstall = yesOrNo(text.onUninstall);

interface Values {
  comments: Option<Audience>;
  end_on_close: Option<'yes' | 'no'>;
  end_on_uninstall: Option<'yes' | 'no'>;
  [move: `move_${string}`]: string | undefined;
}

/** What happens in Jira, and because of it: nothing, as delivered. Only the app in Jira has these. */
export function JiraSettings({ settings }: { settings: Settings }) {
  return useHost() === 'forge' ? <JiraForm jira={settings.jira ?? {}} /> : null;
}

function JiraForm({ jira }: { jira: Jira }) {
  const put = useCommand('settings.put');
  const notice = useNotice();
  const [error, setError] = useState<unknown>(null);
  const save = async (values: Values) => {
    setError(null);
    const named = moves.map((move) => [move, values[`move_${move}`]?.trim()] as const).filter(([, name]) => name);
    try {
      await put.run({
        jira: {
          comments: values.comments.value,
          transitions: Object.fromEntries(named),
          end_on_close: values.end_on_close.value === 'yes',
          end_on_uninstall: values.end_on_uninstall.value === 'yes',
        },
      });
      notice(t.settings.saved);
    } catch (problem) {
      setError(problem);
    }
    return undefined;
  };
  return (
    <Form<Values & Record<string, unknown>> onSubmit={save}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-form" aria-label={text.form}>
          <Section title={text.title}>
            <SectionMessage appearance="warning" title={text.stepsTitle}>
              <p>{text.steps}</p>
            </SectionMessage>
            {error !== null && <Problem error={error} />}
            <Choice
              name="comments"
              label={text.comments}
              options={audiences}
              initial={audiences.find(({ value }) => value === (jira.comments ?? 'off'))}
              required
            />
            <p className="c-lead">{text.transitionsHelp}</p>
            {moves.map((move) => (
              <TextInput key={move} name={`move_${move}`} label={text.transitions[move]} initial={jira.transitions?.[move] ?? ''} />
            ))}
            <Choice name="end_on_close" label={text.endOnClose} options={onClose} initial={onClose[jira.end_on_close ? 0 : 1]} required />
            <Choice
              name="end_on_uninstall"
              label={text.endOnUninstall}
              help={text.endOnUninstallHelp}
              options={onUninstall}
              initial={onUninstall[jira.end_on_uninstall ? 0 : 1]}
              required
            />
          </Section>
          <p className="c-actions c-or">
            <Button appearance="primary" type="submit" isLoading={put.busy}>
              {text.save}
            </Button>
          </p>
        </form>
      )}
    </Form>
  );
}
