import Button, { LinkButton } from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import { useState } from 'react';
import { explainAddress } from '../access/explainAddress';
import { useList } from '../api/hooks';
import type { PersonView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { SearchFilter, useSearch } from '../shell/filters';
import { ListTable } from '../shell/ListTable';
import { useIsAdministrator } from '../shell/session';
import { ErasureDialog, isBeingErased } from './ErasureDialog';
import { PersonDialog } from './PersonDialog';
import { SetUpLinkDialog } from './SetUpLinkDialog';

const text = t.people;

/** Everybody by name. */
export function People() {
  const search = useSearch();
  const list = useList('people.list', search.applied ? { name: search.applied } : {});
  const configures = useIsAdministrator();
  const [invited, setInvited] = useState<PersonView | null>(null);
  const [edited, setEdited] = useState<PersonView | 'new' | null>(null);
  const [erased, setErased] = useState<PersonView | null>(null);

  return (
    <div className="c-panel">
      <div className="c-filters">
        <SearchFilter label={text.search} search={search} />
        {configures && (
          <Button appearance="primary" onClick={() => setEdited('new')}>
            {text.add}
          </Button>
        )}
      </div>
      <ListTable
        label={text.peopleList}
        list={list}
        rowKey={(person) => person.id}
        empty={<Empty title={text.noneFound} hint={text.noneFoundHint} />}
        columns={[
          { key: 'name', header: text.name, width: 16, cell: (person) => person.name },
          { key: 'email', header: text.email, width: 18, cell: (person) => person.email ?? t.common.none },
          { key: 'role', header: text.role, width: 10, cell: (person) => text.roles[person.role] },
          { key: 'status', header: text.status, width: 8, cell: (person) => <PersonStatus status={person.status} /> },
          {
            key: 'groups',
            header: text.groupsOf,
            cell: (person) => t.common.list(person.groups.map((group) => group.name)) || t.common.none,
          },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 37,
            cell: (person) =>
              isBeingErased(person) ? (
                <Button spacing="compact" aria-label={t.erasure.progressOf(person.name)} onClick={() => setErased(person)}>
                  {t.erasure.progress}
                </Button>
              ) : (
                <div className="c-actions c-tight">
                  {configures && (
                    <Button spacing="compact" aria-label={text.editOf(person.name)} onClick={() => setEdited(person)}>
                      {text.edit}
                    </Button>
                  )}
                  <LinkButton
                    spacing="compact"
                    href={explainAddress({ person: person.id })}
                    aria-label={t.explain.linkOfPerson(person.name)}
                  >
                    {t.explain.link}
                  </LinkButton>
                  {configures && person.status === 'active' && person.email && (
                    <Button spacing="compact" aria-label={text.linkOf(person.name)} onClick={() => setInvited(person)}>
                      {text.link}
                    </Button>
                  )}
                  {configures && (
                    <Button
                      spacing="compact"
                      appearance="subtle"
                      aria-label={t.erasure.actionOf(person.name)}
                      onClick={() => setErased(person)}
                    >
                      {t.erasure.action}
                    </Button>
                  )}
                </div>
              ),
          },
        ]}
      />
      <SetUpLinkDialog person={invited} onClose={() => setInvited(null)} />
      <ErasureDialog person={erased} onClose={() => setErased(null)} />
      <PersonDialog person={edited} onClose={() => setEdited(null)} />
    </div>
  );
}

function PersonStatus({ status }: { status: string }) {
  const words = (text.statuses as Record<string, string | undefined>)[status] ?? status;
  return <Lozenge appearance={status === 'active' ? 'success' : 'default'}>{words}</Lozenge>;
}
