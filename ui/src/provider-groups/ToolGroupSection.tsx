import { LinkButton } from '@atlaskit/button/new';
import { useOperation } from '../api/hooks';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { BindingFacts, Hold } from './Bound';

const text = t.providerGroups;

/** On a tool's own page: the group that gives it, or the way to one. */
export function ToolGroupSection({ tool }: { tool: string }) {
  const query = useOperation('provider_groups.get', { tool });
  const configures = useIsAdministrator();
  const binding = query.data?.binding;
  return (
    <Section
      title={text.title}
      actions={
        query.data &&
        (binding || configures) && <LinkButton href={`#/catalog/${tool}/group`}>{binding ? text.seeGroup : text.chooseGroup}</LinkButton>
      }
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loading(text.title)} rows={1} />}
      {query.data && !binding && <p className="c-subtle">{text.noGroup}</p>}
      {binding && (
        <>
          <Hold binding={binding} />
          <BindingFacts binding={binding} />
        </>
      )}
    </Section>
  );
}
