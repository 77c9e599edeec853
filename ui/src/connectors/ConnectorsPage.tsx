import { LinkButton } from '@atlaskit/button/new';
import { useList } from '../api/hooks';
import { t } from '../messages';
import { CorePairing } from './CorePairing';
import { Proposals } from '../proposals/Proposals';
import { GroupsTable } from '../provider-groups/GroupsTable';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { Page, Section } from '../shell/Page';
import { useIsAdministrator } from '../shell/session';
import { ConnectorStatusLozenge, HealthLozenge } from './Health';

const text = t.connectors;

/** The connectors with their health, what waits for a second administrator, and the groups of tools. */
export default function ConnectorsPage() {
  const list = useList('connectors.list', {});
  const configures = useIsAdministrator();
  const add = (
    <LinkButton appearance="primary" href="#/connectors/new">
      {text.add}
    </LinkButton>
  );
  const some = (list.items?.length ?? 0) > 0;
  return (
    <Page title={text.title} lead={text.lead} actions={configures && some && add}>
      <CorePairing />
      <Proposals kinds={['bind_group', 'map_identity']} />
      <ListTable
        label={text.list}
        list={list}
        rowKey={(connector) => connector.id}
        empty={<Empty title={text.none} hint={text.noneHint} action={configures && add} />}
        columns={[
          { key: 'name', header: text.name, width: 22, cell: (connector) => <a href={`#/connectors/${connector.id}`}>{connector.name}</a> },
          { key: 'provider', header: text.provider, width: 15, cell: ({ provider }) => text.providers[provider.kind] },
          {
            key: 'tenant',
            header: text.tenant,
            cell: ({ provider }) => <span className="c-any-break">{provider.kind === 'okta' ? provider.host : provider.tenant}</span>,
          },
          { key: 'status', header: text.status, width: 12, cell: ({ status }) => <ConnectorStatusLozenge status={status} /> },
          { key: 'health', header: text.health, width: 16, cell: ({ health }) => <HealthLozenge health={health} /> },
          { key: 'tools', header: text.tools, width: 9, cell: ({ tools }) => tools },
        ]}
      />
      {some && (
        <Section title={text.groups}>
          <GroupsTable connector={null} />
        </Section>
      )}
    </Page>
  );
}
