import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import { t } from '../messages';
import { LastCheck } from '../provider-groups/GroupsTable';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';

const text = t.drift;

/** When each group was last compared, and the button that compares it now. */
export function Checks() {
  const list = useList('provider_groups.list', {});
  const check = useCommand('drift.check');
  const notice = useNotice();
  const configures = useIsAdministrator();
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const run = (tool: { id: string; name: string }) => {
    setError(null);
    setAsked(tool.id);
    check
      .run({ tool: tool.id })
      .then(({ queued }) => notice(queued ? text.checkQueued(tool.name) : text.checkRuns, text.checkQueuedHint), setError);
  };
  return (
    <Section title={text.checks}>
      <p className="c-lead">{text.checksLead}</p>
      {error !== null && <Problem error={error} />}
      <ListTable
        label={text.checksList}
        list={list}
        rowKey={(binding) => binding.tool.id}
        empty={
          <Empty
            title={t.providerGroups.none}
            hint={t.providerGroups.noneHint}
            link={{ href: '#/catalog', label: t.providerGroups.toCatalog }}
          />
        }
        columns={[
          { key: 'tool', header: text.tool, width: 28, cell: ({ tool }) => <a href={`#/catalog/${tool.id}/group`}>{tool.name}</a> },
          { key: 'group', header: t.providerGroups.group, width: 24, cell: ({ group }) => group.name },
          { key: 'check', header: t.providerGroups.lastCheck, cell: (binding) => <LastCheck binding={binding} /> },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 14,
            cell: ({ tool }) =>
              configures && (
                <Button
                  spacing="compact"
                  aria-label={text.checkOf(tool.name)}
                  isLoading={check.busy && asked === tool.id}
                  onClick={() => run(tool)}
                >
                  {text.check}
                </Button>
              ),
          },
        ]}
      />
    </Section>
  );
}
