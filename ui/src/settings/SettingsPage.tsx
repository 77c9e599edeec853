import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import { useState } from 'react';
import { OperationError, isRecord } from '../api/errors';
import { useCommand, useList, useOperation } from '../api/hooks';
import type { Named, Settings } from '../api/types';
import { t } from '../messages';
import { Proposals } from '../proposals/Proposals';
import { Choice, type Option, TextInput } from '../shell/fields';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Facts, Page, Section } from '../shell/Page';
import { fieldProblem, Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { Count } from './Count';
import { JiraSettings } from './JiraSettings';
import { ReviewFacts, ReviewFields } from './ReviewFields';
import { changesOf, limitClasses, limitField, retentionField, retentionKinds, type SettingsValues } from './form';

const text = t.settings;
const mostDays = 3650;
const mostHours = 168;
const mostItems = 1_000_000_000;
const notices: readonly Option<'yes' | 'no'>[] = [
  { value: 'yes', label: text.emailChoices.yes },
  { value: 'no', label: text.emailChoices.no },
];

/** What holds for the whole site: administrators change it, auditors read it. */
export default function SettingsPage() {
  const query = useOperation('settings.get', {});
  const groups = useList('people_groups.list', {}, 100);
  const administers = useIsAdministrator();
  const error = query.error ?? groups.error;
  const retry = () => {
    void query.refetch();
    groups.retry();
  };
  const settings = query.data?.settings;
  return (
    <Page title={text.title} lead={text.lead}>
      {error && <Problem error={error} onRetry={retry} />}
      {!error && (!settings || !groups.items) && <LoadingRows label={t.common.loadingPage} />}
      <Proposals kinds={['change_settings']} />
      {settings && groups.items && administers && <SettingsForm settings={settings} groups={groups.items} />}
      {settings && administers && <JiraSettings settings={settings} />}
      {settings && groups.items && !administers && <SettingsShown settings={settings} groups={groups.items} />}
    </Page>
  );
}

interface Shown {
  settings: Settings;
  groups: readonly Named[];
}

function SettingsForm({ settings, groups }: Shown) {
  const put = useCommand('settings.put');
  const notice = useNotice();
  const [error, setError] = useState<unknown>(null);
  const options = groups.map((group) => ({ value: group.id, label: group.name }));
  const chosen = (id: string) => options.find((option) => option.value === id);

  const save = async (values: SettingsValues) => {
    setError(null);
    const changes = changesOf(values, settings);
    if (Object.keys(changes).length === 0) {
      notice(text.nothingChanged);
      return undefined;
    }
    try {
      const { proposal } = await put.run(changes);
      notice(proposal ? t.proposals.waits(text.whatWaits) : text.saved);
      return undefined;
    } catch (problem) {
      const beside = fieldProblem(asFormNames(problem), values);
      if (!beside) {
        setError(problem);
        window.scrollTo(0, 0);
      }
      return beside;
    }
  };

  return (
    <Form<SettingsValues & Record<string, unknown>> onSubmit={save}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-form" aria-label={text.form}>
          {error !== null && <Problem error={error} />}
          <Section title={text.general}>
            <TextInput name="organization" label={text.organization} initial={settings.organization} required />
            <Choice
              name="administrators"
              label={text.administrators}
              help={text.administratorsHelp}
              options={options}
              initial={chosen(settings.administrators)}
              required
            />
            <Choice name="security" label={text.security} options={options} initial={chosen(settings.security)} required />
            <Count name="pending_days" label={text.pendingDays} most={mostDays} initial={settings.pending_days} />
            <Choice
              name="email_notices"
              label={text.emailNotices}
              options={notices}
              initial={notices[settings.email_notices ? 0 : 1]}
              required
            />
          </Section>
          <Section title={text.provisioning}>
            <Count name="drift_hours" label={text.driftHours} help={text.driftHoursHelp} most={mostHours} initial={settings.drift_hours} />
            <Count
              name="removal_share_percent"
              label={text.removalShare}
              help={text.removalShareHelp}
              most={100}
              initial={settings.removal_share_percent}
            />
          </Section>
          <ReviewFields settings={settings} groups={groups} />
          <Section title={text.retention}>
            <p className="c-lead">{text.retentionHelp}</p>
            {retentionKinds.map((kind) => (
              <Count
                key={kind}
                name={retentionField(kind)}
                label={text.retentions[kind]}
                most={mostDays}
                initial={settings.retention?.[kind]}
              />
            ))}
          </Section>
          <Section title={text.limits}>
            <p className="c-lead">{text.limitsHelp}</p>
            {limitClasses.map((name) => {
              const { name: title, items } = text.classes[name];
              return (
                <div key={name} className="c-columns">
                  {(['burst', 'per_hour'] as const).map((part) => (
                    <Count
                      key={part}
                      name={limitField(name, part)}
                      label={text.field(title, part === 'burst' ? text.burst : text.perHour)}
                      help={items}
                      most={mostItems}
                      initial={settings.limits?.[name]?.[part]}
                    />
                  ))}
                </div>
              );
            })}
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

/** The server names a nested field with dots. */
function asFormNames(problem: unknown): unknown {
  if (!(problem instanceof OperationError) || !isRecord(problem.details) || typeof problem.details.field !== 'string') return problem;
  const details = { ...problem.details, field: problem.details.field.replaceAll('.', '_') };
  return new OperationError(problem.code, problem.message, problem.status, details, problem.retryAfter);
}

function SettingsShown({ settings, groups }: Shown) {
  const group = (id: string) => groups.find((each) => each.id === id)?.name ?? id;
  const number = (value: number | undefined) => (value === undefined ? null : value.toLocaleString(t.locale));
  return (
    <>
      <p className="c-subtle">{text.readOnly}</p>
      <Section title={text.general}>
        <Facts
          rows={[
            [text.organization, settings.organization],
            [text.administrators, group(settings.administrators)],
            [text.security, group(settings.security)],
            [text.pendingDays, number(settings.pending_days)],
            [text.emailNotices, settings.email_notices ? text.emailChoices.yes : text.emailChoices.no],
          ]}
        />
      </Section>
      <Section title={text.provisioning}>
        <Facts
          rows={[
            [text.driftHours, number(settings.drift_hours)],
            [text.removalShare, number(settings.removal_share_percent)],
          ]}
        />
      </Section>
      <ReviewFacts settings={settings} groups={groups} />
      <Section title={text.retention}>
        <Facts rows={retentionKinds.map((kind) => [text.retentions[kind], t.common.days(settings.retention?.[kind] ?? 0)] as const)} />
      </Section>
      <Section title={text.limits}>
        <Facts
          rows={limitClasses.flatMap((name) => [
            [text.field(text.classes[name].name, text.burst), number(settings.limits?.[name]?.burst)] as const,
            [text.field(text.classes[name].name, text.perHour), number(settings.limits?.[name]?.per_hour)] as const,
          ])}
        />
      </Section>
    </>
  );
}
