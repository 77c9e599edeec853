import Button, { LinkButton } from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { Risk, ToolStatus } from '../api/types';
import { t } from '../messages';
import { Proposals } from '../proposals/Proposals';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf, SearchFilter, useSearch } from '../shell/filters';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { DataClasses, RiskLozenge, ToolStatusLozenge } from './lozenges';

const text = t.catalog;

/** The catalogue as administrators see it: every tool in every status. */
export default function CatalogPage() {
  const search = useSearch();
  const [risk, setRisk] = useState<Risk | null>(null);
  const [status, setStatus] = useState<ToolStatus | null>(null);
  const list = useList('catalog.list', {
    ...(search.applied ? { search: search.applied } : {}),
    ...(risk ? { risk } : {}),
    ...(status ? { status } : {}),
  });
  const filtered = search.applied !== '' || risk !== null || status !== null;
  const starter = useStarter();
  const configures = useIsAdministrator();

  return (
    <Page
      title={text.adminTitle}
      lead={text.adminLead}
      actions={
        configures && (
          <>
            {starter.button('default')}
            <LinkButton appearance="primary" href="#/catalog/new">
              {text.add}
            </LinkButton>
          </>
        )
      }
    >
      {starter.error !== null && <Problem error={starter.error} />}
      <Proposals kinds={['change_tool']} />
      <search className="c-filters">
        <SearchFilter label={text.search} placeholder={text.searchPlaceholder} search={search} />
        <ChoiceFilter label={text.risk} any={text.anyRisk} options={optionsOf(text.risks)} value={risk} onChange={setRisk} />
        <ChoiceFilter label={text.status} any={text.anyStatus} options={optionsOf(text.statuses)} value={status} onChange={setStatus} />
      </search>
      <ListTable
        label={text.adminList}
        list={list}
        rowKey={(tool) => tool.id}
        empty={
          filtered ? (
            <Empty title={text.noneFound} hint={text.noneFoundHint} />
          ) : (
            <Empty title={text.none} hint={text.adminNoneHint} action={configures && starter.button('primary')} />
          )
        }
        columns={[
          { key: 'name', header: text.tool, width: 24, cell: (tool) => <a href={`#/catalog/${tool.id}`}>{tool.name}</a> },
          { key: 'vendor', header: text.vendor, width: 14, cell: (tool) => tool.vendor },
          { key: 'risk', header: text.risk, width: 13, cell: (tool) => <RiskLozenge risk={tool.risk} /> },
          { key: 'status', header: text.status, width: 15, cell: (tool) => <ToolStatusLozenge status={tool.status} /> },
          { key: 'data', header: text.data, cell: (tool) => <DataClasses classes={tool.data_classes} /> },
          { key: 'owners', header: text.owners, cell: (tool) => t.common.list(tool.owners.map((owner) => owner.name)) || t.common.none },
        ]}
      />
    </Page>
  );
}

function useStarter() {
  const load = useCommand('catalog.load_starter');
  const notice = useNotice();
  const [error, setError] = useState<unknown>(null);
  const run = () => {
    setError(null);
    load.run({}).then(({ added }) => notice(text.starterLoaded(added)), setError);
  };
  return {
    error,
    button: (appearance: 'default' | 'primary') => (
      <Button appearance={appearance} onClick={run} isLoading={load.busy}>
        {text.loadStarter}
      </Button>
    ),
  };
}
