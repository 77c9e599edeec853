import Button, { LinkButton } from '@atlaskit/button/new';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useState } from 'react';
import { useOperation } from '../api/hooks';
import type { Output } from '../api/operations';
import type { ConnectorView } from '../api/types';
import { GroupsTable } from '../provider-groups/GroupsTable';
import { AlarmLozenge } from '../jobs/StuckRemovals';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';
import { DisableDialog, EnableDialog, RotateDialog } from './ConnectorDialogs';
import { ConnectorTest } from './ConnectorTest';
import { ConnectorStatusLozenge, ConnectorTrouble, HealthLozenge } from './Health';
import { PublicHalf } from './PublicHalf';

const text = t.connectors;

/** One connector: how it fares, its tenant and credential, and the groups that go through it. */
export default function ConnectorPage({ id }: { id: string }) {
  const query = useOperation('connectors.get', { connector: id });
  const known = query.data;
  const configures = useIsAdministrator();
  return (
    <Page
      title={known?.connector.name ?? text.title}
      back={{ href: '#/connectors', label: text.title }}
      actions={known && <Actions known={known} configures={configures} />}
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {known && <Shown known={known} configures={configures} />}
    </Page>
  );
}

function Actions({ known, configures }: { known: Output<'connectors.get'>; configures: boolean }) {
  const [open, setOpen] = useState<'disable' | 'enable' | null>(null);
  const close = () => setOpen(null);
  const { connector } = known;
  return (
    <>
      <LinkButton href={`#/connectors/${connector.id}/identities`}>{text.identities}</LinkButton>
      {configures && (
        <>
          <LinkButton href={`#/connectors/${connector.id}/edit`}>{text.edit}</LinkButton>
          {connector.status === 'enabled' ? (
            <Button appearance="danger" onClick={() => setOpen('disable')}>
              {text.disable}
            </Button>
          ) : (
            <Button appearance="primary" onClick={() => setOpen('enable')}>
              {text.enable}
            </Button>
          )}
          <DisableDialog known={known} isOpen={open === 'disable'} onClose={close} />
          <EnableDialog known={known} isOpen={open === 'enable'} onClose={close} />
        </>
      )}
    </>
  );
}

function Shown({ known, configures }: { known: Output<'connectors.get'>; configures: boolean }) {
  const { connector } = known;
  const { credential } = connector.provider;
  return (
    <>
      {connector.health.state === 'untested' && (
        <SectionMessage
          appearance="information"
          title={text.untested}
          actions={
            configures
              ? [
                  <SectionMessageAction key="go-on" href={`#/connectors/${connector.id}/set-up`}>
                    {text.goOn}
                  </SectionMessageAction>,
                ]
              : []
          }
        >
          <p>{text.untestedWhy}</p>
        </SectionMessage>
      )}
      <Section title={text.facts}>
        <ConnectorFacts connector={connector} known={known} />
      </Section>
      {configures && (
        <Section title={text.testTitle}>
          <ConnectorTest connector={connector} />
        </Section>
      )}
      <Section
        title={text.credentials[credential.kind]}
        actions={configures && (credential.kind === 'key_pair' || credential.kind === 'certificate') && <Rotate known={known} />}
      >
        <PublicHalf connector={connector} />
      </Section>
      <Section title={text.groups}>
        <GroupsTable connector={connector.id} />
      </Section>
    </>
  );
}

function Rotate({ known }: { known: Output<'connectors.get'> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{known.connector.provider.kind === 'entra' ? text.rotateCertificate : text.rotate}</Button>
      <RotateDialog known={known} isOpen={open} onClose={() => setOpen(false)} />
    </>
  );
}

function ConnectorFacts({ connector, known }: { connector: ConnectorView; known: Output<'connectors.get'> }) {
  const { provider, health } = connector;
  const clientId =
    provider.kind === 'entra' ? provider.client_id : 'client_id' in provider.credential ? provider.credential.client_id : null;
  return (
    <>
      {connector.status === 'disabled' && isShownAlone(connector) && <ConnectorTrouble connector={connector} />}
      <Facts
        rows={[
          [text.status, <ConnectorStatusLozenge status={connector.status} />],
          [text.disabledSince, connector.disabled_since ? <When at={connector.disabled_since} /> : null],
          [
            text.health,
            <>
              <HealthLozenge health={health} />{' '}
              {health.since && (
                <span className="c-subtle">
                  {text.since} <When at={health.since} />
                </span>
              )}
            </>,
          ],
          [text.provider, text.providers[provider.kind]],
          [text.cloud, provider.kind === 'entra' && provider.cloud !== 'global' ? text.clouds[provider.cloud] : null],
          [text.tenant, provider.kind === 'okta' ? provider.host : provider.tenant],
          [provider.kind === 'entra' ? text.clientIdEntra : text.clientId, clientId],
          [
            text.pace,
            connector.changes_per_second ? text.paceOf(connector.changes_per_second) : text.paceUsual(connector.usual_changes_per_second),
          ],
          [text.tools, text.toolsOf(connector.tools)],
          [text.through, text.accesses(known.grants.count, known.grants.more)],
          [
            text.stuck,
            known.alarm && (
              <>
                <a href="#/jobs?stuck=true">{text.removals(known.removals_stuck.count, known.removals_stuck.more)}</a>{' '}
                <AlarmLozenge level={known.alarm} />
              </>
            ),
          ],
        ]}
      />
    </>
  );
}

/** The banner above the page tells of enabled connectors only. */
const isShownAlone = (connector: ConnectorView) => connector.health.state === 'failing' || connector.health.state === 'outage';
