import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { Named } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Empty } from '../shell/Empty';
import { TextInput } from '../shell/fields';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { useIsAdministrator } from '../shell/session';

const text = t.people;

/** The groups by which policy names approvers. */
export function Groups() {
  const list = useList('people_groups.list', {});
  const configures = useIsAdministrator();
  const [edited, setEdited] = useState<Named | 'new' | null>(null);
  const add = (
    <Button appearance="primary" onClick={() => setEdited('new')}>
      {text.addGroup}
    </Button>
  );
  return (
    <div className="c-panel">
      {configures && <div className="c-filters">{add}</div>}
      <ListTable
        label={text.groupsList}
        list={list}
        rowKey={(group) => group.id}
        empty={<Empty title={text.noGroups} hint={text.noGroupsHint} />}
        columns={[
          { key: 'name', header: text.name, cell: (group) => group.name },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 12,
            cell: (group) =>
              configures && (
                <Button spacing="compact" aria-label={text.renameOf(group.name)} onClick={() => setEdited(group)}>
                  {text.rename}
                </Button>
              ),
          },
        ]}
      />
      <GroupDialog group={edited} onClose={() => setEdited(null)} />
    </div>
  );
}

function GroupDialog({ group, onClose }: { group: Named | 'new' | null; onClose: () => void }) {
  const put = useCommand('people_groups.put');
  const notice = useNotice();
  const existing = group === 'new' ? null : group;
  return (
    <CommandDialog<{ name: string }>
      isOpen={group !== null}
      title={existing ? text.renameTitle(existing.name) : text.addGroupTitle}
      submitLabel={t.common.save}
      onSubmit={async ({ name }) => {
        await put.run({ ...(existing ? { id: existing.id } : {}), name: name.trim() });
        notice(text.saved(name.trim()));
      }}
      onClose={onClose}
    >
      <TextInput name="name" label={text.name} initial={existing?.name} required />
    </CommandDialog>
  );
}
