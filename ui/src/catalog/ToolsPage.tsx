import Button, { LinkButton } from '@atlaskit/button/new';
import Heading from '@atlaskit/heading';
import { useState } from 'react';
import { useList } from '../api/hooks';
import type { Category, DataClass, Risk, ToolView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf, SearchFilter, useSearch } from '../shell/filters';
import { More } from '../shell/ListTable';
import { LoadingRows } from '../shell/Loading';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { DataClasses, RiskLozenge } from './lozenges';

const text = t.catalog;

/** The tools a person can ask for, with search and filters. */
export default function ToolsPage() {
  const search = useSearch();
  const [risk, setRisk] = useState<Risk | null>(null);
  const [dataClass, setDataClass] = useState<DataClass | null>(null);
  const [category, setCategory] = useState<Category | null>(null);
  const list = useList('catalog.list', {
    status: 'requestable',
    ...(search.applied ? { search: search.applied } : {}),
    ...(risk ? { risk } : {}),
    ...(dataClass ? { data_class: dataClass } : {}),
    ...(category ? { category } : {}),
  });
  const filtered = search.applied !== '' || risk !== null || dataClass !== null || category !== null;
  const clear = () => {
    search.type('');
    setRisk(null);
    setDataClass(null);
    setCategory(null);
  };

  return (
    <Page title={text.title} lead={text.lead} actions={<LinkButton href="#/proposed-tools">{t.toolProposals.missing}</LinkButton>}>
      <search className="c-filters">
        <SearchFilter label={text.search} placeholder={text.searchPlaceholder} search={search} />
        <ChoiceFilter
          label={text.category}
          any={text.anyCategory}
          options={optionsOf(text.categories)}
          value={category}
          onChange={setCategory}
        />
        <ChoiceFilter label={text.risk} any={text.anyRisk} options={optionsOf(text.risks)} value={risk} onChange={setRisk} />
        <ChoiceFilter
          label={text.dataClass}
          any={text.anyDataClass}
          options={optionsOf(text.dataClasses)}
          value={dataClass}
          onChange={setDataClass}
        />
      </search>
      {list.error && !list.items && <Problem error={list.error} onRetry={list.retry} />}
      {!list.error && !list.items && <LoadingRows label={t.common.loading(text.list)} />}
      {list.items?.length === 0 && (
        <Empty
          title={filtered ? text.noneFound : text.none}
          hint={filtered ? text.noneFoundHint : text.noneHint}
          action={filtered ? <Button onClick={clear}>{text.clearFilters}</Button> : undefined}
        />
      )}
      {list.items && list.items.length > 0 && (
        <>
          <ul className="c-cards" aria-label={text.list}>
            {list.items.map((tool) => (
              <ToolCard key={tool.id} tool={tool} />
            ))}
          </ul>
          <More list={list} />
        </>
      )}
    </Page>
  );
}

function ToolCard({ tool }: { tool: ToolView }) {
  return (
    <li className="c-card">
      <div>
        <Heading size="small" as="h2">
          <a href={`#/tools/${tool.id}`}>{tool.name}</a>
        </Heading>
        <span className="c-subtle">{text.by(tool.vendor)}</span>
      </div>
      <div className="c-lozenges">
        <RiskLozenge risk={tool.risk} />
      </div>
      <p>{tool.summary}</p>
      <p className="c-subtle">
        {text.mayBeUsedWith}: <DataClasses classes={tool.data_classes} />
      </p>
      <div className="c-actions">
        <LinkButton appearance="primary" href={`#/tools/${tool.id}/request`} aria-label={text.requestFor(tool.name)}>
          {text.request}
        </LinkButton>
      </div>
    </li>
  );
}
