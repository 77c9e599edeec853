import SectionMessage from '@atlaskit/section-message';
import { useOperation } from '../api/hooks';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { Bound } from './Bound';
import { ChooseGroup } from './ChooseGroup';

const text = t.providerGroups;

/** The group that gives a tool: chosen here, looked at here, given up here. */
export default function ToolGroupPage({ id }: { id: string }) {
  const tool = useOperation('catalog.get', { tool: id });
  const group = useOperation('provider_groups.get', { tool: id });
  const configures = useIsAdministrator();
  const error = tool.error ?? group.error;
  const retry = () => {
    void tool.refetch();
    void group.refetch();
  };
  const name = tool.data?.tool.name ?? '';
  return (
    <Page title={text.pageTitle(name)} lead={text.lead} back={{ href: `#/catalog/${id}`, label: name || t.catalog.tool }}>
      {error && <Problem error={error} onRetry={retry} />}
      {!error && (!tool.data || !group.data) && <LoadingRows label={t.common.loadingPage} />}
      {tool.data && group.data?.binding && <Bound binding={group.data.binding} />}
      {tool.data && group.data?.binding?.gone && (
        <>
          <SectionMessage appearance="error" title={text.gone(group.data.binding.group.name)}>
            <p>{text.goneWhy}</p>
          </SectionMessage>
          {configures && <ChooseGroup tool={tool.data.tool} />}
        </>
      )}
      {tool.data &&
        group.data &&
        !group.data.binding &&
        (configures ? <ChooseGroup tool={tool.data.tool} /> : <p className="c-subtle">{text.noGroup}</p>)}
    </Page>
  );
}
