import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useCommand, useOperation } from '../api/hooks';
import type { BindingView } from '../api/types';
import { ConnectorTrouble, HealthLozenge } from '../connectors/Health';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { CommandDialog } from '../shell/CommandDialog';
import { useNotice } from '../shell/notice';
import { Facts, Section } from '../shell/Page';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';
import { LastCheck } from './GroupsTable';

const text = t.providerGroups;

/** The group that a tool has. */
export function Bound({ binding }: { binding: BindingView }) {
  const configures = useIsAdministrator();
  const [releasing, setReleasing] = useState(false);
  return (
    <>
      <Hold binding={binding} />
      <Section title={text.title} actions={configures && <Button onClick={() => setReleasing(true)}>{text.release}</Button>}>
        <BindingFacts binding={binding} />
      </Section>
      <ReleaseDialog binding={binding} isOpen={releasing} onClose={() => setReleasing(false)} />
    </>
  );
}

export function BindingFacts({ binding }: { binding: BindingView }) {
  const connector = useOperation('connectors.get', { connector: binding.connector.id });
  const known = connector.data?.connector;
  return (
    <>
      {known?.status === 'disabled' && (
        <div className="c-banner">
          <ConnectorTrouble connector={known} withLink />
        </div>
      )}
      <Facts
        rows={[
          [text.group, binding.group.name],
          [
            text.connector,
            <>
              <a href={`#/connectors/${binding.connector.id}`}>{binding.connector.name}</a>{' '}
              {known && <HealthLozenge health={known.health} />}
            </>,
          ],
          [text.members, text.membersOf(binding.members, false)],
          [text.providerId, <span className="c-code">{binding.group.id}</span>],
          [text.boundSince, <When at={binding.bound_at} />],
          [text.boundBy, nameOf(binding.bound_by)],
          [text.confirmedBy, binding.confirmed_by ? nameOf(binding.confirmed_by) : null],
          [text.lastCheck, <LastCheck binding={binding} />],
        ]}
      />
    </>
  );
}

/** The brake: why removals wait, and the way to let them go on. */
export function Hold({ binding }: { binding: BindingView }) {
  const release = useCommand('provider_groups.release_hold');
  const notice = useNotice();
  const configures = useIsAdministrator();
  const [asking, setAsking] = useState(false);
  const { hold } = binding;
  return (
    <>
      {hold && (
        <SectionMessage appearance="warning" title={text.holdTitle(binding.group.name)}>
          <p>{text.holdWhy(hold.removals, hold.members)}</p>
          <p>
            {text.holdSince} <When at={hold.since} />.{' '}
            <a className="c-underlined" href={`#/jobs?tool=${binding.tool.id}&state=queued`}>
              {text.seeJobs}
            </a>
          </p>
          {configures && (
            <p>
              <Button onClick={() => setAsking(true)}>{text.releaseHold}</Button>
            </p>
          )}
        </SectionMessage>
      )}
      <CommandDialog
        isOpen={asking}
        title={text.releaseHoldTitle}
        submitLabel={text.releaseHold}
        appearance="danger"
        onSubmit={async () => {
          await release.run({ tool: binding.tool.id });
          notice(text.holdReleased);
        }}
        onClose={() => setAsking(false)}
      >
        <p>{text.releaseHoldWhy}</p>
      </CommandDialog>
    </>
  );
}

function ReleaseDialog({ binding, isOpen, onClose }: { binding: BindingView; isOpen: boolean; onClose: () => void }) {
  const release = useCommand('provider_groups.release');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.releaseTitle(binding.group.name)}
      submitLabel={text.release}
      appearance="danger"
      onSubmit={async () => {
        await release.run({ tool: binding.tool.id });
        notice(text.released);
      }}
      onClose={onClose}
    >
      <p>{text.releaseWhy}</p>
    </CommandDialog>
  );
}
