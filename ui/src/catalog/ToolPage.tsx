import Button, { LinkButton } from '@atlaskit/button/new';
import { useState } from 'react';
import { explainAddress } from '../access/explainAddress';
import { useOperation } from '../api/hooks';
import type { ToolView } from '../api/types';
import { EmergencyDialog } from '../emergency/EmergencyDialog';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useSession } from '../shell/session';
import { ToolSeats } from './ToolSeats';
import { DataClasses, RiskLozenge, ToolStatusLozenge } from './lozenges';

const text = t.catalog;

/** Everything a person should know before asking for a tool. */
export default function ToolPage({ id }: { id: string }) {
  const query = useOperation('catalog.get', { tool: id });
  const tool = query.data?.tool;
  const { person } = useSession();
  const [taking, setTaking] = useState(false);
  const canRequest = tool?.status === 'requestable';
  return (
    <Page
      title={tool?.name ?? text.tool}
      lead={tool?.summary}
      back={{ href: '#/tools', label: text.back }}
      actions={
        tool && (
          <>
            {canRequest && (
              <LinkButton appearance="primary" href={`#/tools/${id}/request`}>
                {text.request}
              </LinkButton>
            )}
            {canRequest && tool.emergency !== 'never' && <Button onClick={() => setTaking(true)}>{t.emergency.take}</Button>}
            <EmergencyDialog tool={tool} isOpen={taking} onClose={() => setTaking(false)} />
            <LinkButton href={explainAddress({ tool: id })}>{t.explain.ownLink}</LinkButton>
          </>
        )
      }
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {tool && <ToolDetails tool={tool} />}
      {tool?.seat_cap != null && tool.owners.some((owner) => owner.id === person.id) && <ToolSeats tool={tool.id} />}
    </Page>
  );
}

/** What is known of a tool, for reading. */
export function ToolDetails({ tool }: { tool: ToolView }) {
  return (
    <>
      <Facts
        rows={[
          [text.vendor, tool.vendor],
          [text.risk, <RiskLozenge risk={tool.risk} />],
          [text.status, tool.status === 'requestable' ? null : <ToolStatusLozenge status={tool.status} />],
          [text.mayBeUsedWith, <DataClasses classes={tool.data_classes} />],
          [text.seatCap, tool.seat_cap],
          [text.duration, text.durationOf(tool.default_days, tool.max_days)],
          [text.owners, t.common.list(tool.owners.map((owner) => owner.name))],
          [text.models, t.common.list(tool.models)],
          [text.website, tool.url ? <WebLink address={tool.url} /> : null],
        ]}
      />
      {tool.guidance && (
        <Section title={text.guidance}>
          <p className="c-prose">{tool.guidance}</p>
        </Section>
      )}
      {tool.usage_policy && (
        <Section title={text.usagePolicy}>
          <p className="c-prose">{tool.usage_policy.text}</p>
          <p className="c-subtle">{text.usagePolicyVersion(tool.usage_policy.version)}</p>
        </Section>
      )}
    </>
  );
}

/** A link to somebody else's page. Only web addresses become links. */
export function WebLink({ address }: { address: string }) {
  if (!/^https?:\/\//.test(address)) return <>{address}</>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {address}
    </a>
  );
}
