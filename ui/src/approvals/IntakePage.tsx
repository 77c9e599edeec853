import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { Tasks } from '../access/Tasks';
import { useCommand, useList, useOperation } from '../api/hooks';
import type { Settings } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Choice, type Option, TextInput } from '../shell/fields';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { ToolProposals } from '../tool-proposals/ToolProposalsPage';
import { Queue } from './Queue';

const text = t.approvals;
const mostPendingDays = 365;
const mostEmergencyDays = 3;

/** Who may take access in an emergency; nobody as long as nothing was set. */
const emergencyOf = (settings: Settings) => settings.emergency ?? { group: null, days: 1, budget: 2, budget_days: 30 };

/** Where requests go, what waits for this administrator, and the tasks to be done by hand. */
export default function IntakePage() {
  const administers = useIsAdministrator();
  return (
    <Page title={text.intakeTitle} lead={text.intakeLead}>
      {administers && (
        <Section title={text.list}>
          <Queue />
        </Section>
      )}
      <Tasks />
      <Section title={t.toolProposals.title}>
        <ToolProposals />
      </Section>
      <IntakeSettings />
    </Page>
  );
}

function IntakeSettings() {
  const query = useOperation('settings.get', {});
  const groups = useList('people_groups.list', {}, 100);
  const [editing, setEditing] = useState(false);
  const administers = useIsAdministrator();
  const settings = query.data?.settings;
  const options = (groups.items ?? []).map((group) => ({ value: group.id, label: group.name }));
  const named = (id: string) => options.find((option) => option.value === id)?.label ?? t.common.none;
  return (
    <Section
      title={text.settings}
      actions={settings && administers && <Button onClick={() => setEditing(true)}>{text.settingsEdit}</Button>}
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loading(text.settings)} rows={2} />}
      {settings && (
        <>
          <Facts
            rows={[
              [text.organization, settings.organization],
              [text.administrators, named(settings.administrators)],
              [text.security, named(settings.security)],
              [text.pendingDays, settings.pending_days],
              [text.seatOfferDays, settings.seat_offer_days],
              [text.emergencyGroup, emergencyOf(settings).group ? named(emergencyOf(settings).group ?? '') : t.common.none],
              [text.emergencyDays, emergencyOf(settings).group ? emergencyOf(settings).days : null],
              [text.emailNotices, settings.email_notices ? text.emailNoticesOn : text.emailNoticesOff],
            ]}
          />
          <SettingsDialog settings={settings} groups={options} isOpen={editing} onClose={() => setEditing(false)} />
        </>
      )}
    </Section>
  );
}

interface SettingsValues {
  organization: string;
  administrators: Option;
  security: Option;
  pending_days: string;
  seat_offer_days: string;
  emergency_group?: Option;
  emergency_days: string;
  email_notices: Option<'on' | 'off'>;
}

const noticeOptions: readonly Option<'on' | 'off'>[] = [
  { value: 'on', label: text.emailNoticesOn },
  { value: 'off', label: text.emailNoticesOff },
];

function SettingsDialog({
  settings,
  groups,
  isOpen,
  onClose,
}: {
  settings: Settings;
  groups: readonly Option[];
  isOpen: boolean;
  onClose: () => void;
}) {
  const put = useCommand('settings.put');
  const notice = useNotice();
  const groupOf = (id: string) => groups.find((group) => group.value === id);
  const upTo = (most: number) => (value: string | undefined) => {
    const days = Number(value);
    return Number.isInteger(days) && days >= 1 && days <= most ? undefined : t.errors.wholeNumber(1, most);
  };
  return (
    <CommandDialog<SettingsValues>
      isOpen={isOpen}
      title={text.settingsTitle}
      submitLabel={t.common.save}
      onSubmit={async (values) => {
        const { proposal } = await put.run({
          organization: values.organization.trim(),
          administrators: values.administrators.value,
          security: values.security.value,
          pending_days: Number(values.pending_days),
          seat_offer_days: Number(values.seat_offer_days),
          emergency: {
            ...emergencyOf(settings),
            group: values.emergency_group?.value ?? null,
            days: Number(values.emergency_days),
          },
          email_notices: values.email_notices.value === 'on',
        });
        notice(proposal ? t.proposals.waits(t.settings.whatWaits) : text.settingsSaved);
      }}
      onClose={onClose}
    >
      <TextInput name="organization" label={text.organization} initial={settings.organization} required />
      <Choice
        name="administrators"
        label={text.administrators}
        help={text.administratorsHelp}
        options={groups}
        initial={groupOf(settings.administrators)}
        required
      />
      <Choice
        name="security"
        label={text.security}
        help={text.securityHelp}
        options={groups}
        initial={groupOf(settings.security)}
        required
      />
      <TextInput
        name="pending_days"
        label={text.pendingDays}
        type="number"
        min={1}
        max={mostPendingDays}
        initial={String(settings.pending_days)}
        check={upTo(mostPendingDays)}
        required
      />
      <TextInput
        name="seat_offer_days"
        label={text.seatOfferDays}
        type="number"
        min={1}
        max={mostPendingDays}
        initial={String(settings.seat_offer_days)}
        check={upTo(mostPendingDays)}
        required
      />
      <Choice
        name="emergency_group"
        label={text.emergencyGroup}
        help={text.emergencyGroupHelp}
        options={groups}
        initial={groupOf(emergencyOf(settings).group ?? '')}
        clearable
      />
      <TextInput
        name="emergency_days"
        label={text.emergencyDays}
        type="number"
        min={1}
        max={mostEmergencyDays}
        initial={String(emergencyOf(settings).days)}
        check={upTo(mostEmergencyDays)}
        required
      />
      <Choice
        name="email_notices"
        label={text.emailNotices}
        options={noticeOptions}
        initial={noticeOptions.find((each) => each.value === (settings.email_notices ? 'on' : 'off'))}
        required
      />
    </CommandDialog>
  );
}
