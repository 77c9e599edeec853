import Button, { LinkButton } from '@atlaskit/button/new';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useState } from 'react';
import { useOperation } from '../api/hooks';
import type { GrantView } from '../api/types';
import { ExportDialog } from '../evidence/ExportDialog';
import { reasonInWords } from '../jobs/reasons';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useSurface } from '../shell/session';
import { When } from '../shell/When';
import { explainAddress } from './explainAddress';
import { GrantActions } from './GrantActions';
import { endReason, GrantStateLozenge } from './GrantStateLozenge';

const text = t.access;

/** One grant: where it stands, until when, and the request it rests on. */
export default function GrantPage({ id }: { id: string }) {
  const query = useOperation('grants.get', { grant: id });
  const grant = query.data?.grant;
  const surface = useSurface();
  return (
    <Page
      title={text.grantTitle(grant?.tool.name ?? '')}
      back={surface === 'app' ? { href: '#/my-access', label: text.title } : { href: '#/requests', label: t.requests.adminTitle }}
      actions={
        grant && (
          <>
            <GrantActions grant={grant} />
            <LinkButton
              href={explainAddress({ tool: grant.tool.id, person: grant.person.id })}
              aria-label={t.explain.linkOf(grant.tool.name)}
            >
              {t.explain.link}
            </LinkButton>
            {surface === 'admin' && <ExportEvidence grant={grant} />}
          </>
        )
      }
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {grant && <Standing grant={grant} />}
      {grant && <GrantFacts grant={grant} />}
    </Page>
  );
}

/** The admin pages are for those who may export. */
function ExportEvidence({ grant }: { grant: GrantView }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t.evidence.action}</Button>
      <ExportDialog isOpen={open} start={{ grant: grant.id }} onClose={() => setOpen(false)} />
    </>
  );
}

/** What goes on at the provider, or why it does not. */
function Standing({ grant }: { grant: GrantView }) {
  const surface = useSurface();
  const { follow_up: followUp, means, state } = grant;
  if (followUp) {
    return (
      <div className="c-banner">
        <SectionMessage
          appearance="warning"
          title={text.followUpTitle}
          actions={
            surface === 'admin'
              ? [
                  <SectionMessageAction key="jobs" href={`#/jobs?state=needs_follow_up&tool=${grant.tool.id}`}>
                    {text.followUpJobs}
                  </SectionMessageAction>,
                ]
              : []
          }
        >
          <p>
            {reasonInWords(followUp.reason)} ({text.followUpSince} <When at={followUp.since} />)
          </p>
          <p>{followUp.what_to_do}</p>
        </SectionMessage>
      </div>
    );
  }
  if (means !== 'connected' || (state !== 'awaiting_provisioning' && state !== 'removing')) return null;
  return (
    <p className="c-banner" role="status">
      {state === 'removing' ? text.beingTaken : text.beingGiven}
    </p>
  );
}

function GrantFacts({ grant }: { grant: GrantView }) {
  return (
    <Facts
      rows={[
        [text.state, <GrantStateLozenge grant={grant} />],
        [text.person, grant.person.name],
        [text.approved, <When at={grant.approved_at} />],
        [text.starts, grant.activated_at ? <When at={grant.activated_at} /> : null],
        [text.ends, grant.ends_at ? <When at={grant.ends_at} relative={grant.state === 'active'} /> : null],
        [text.ended, grant.ended_at ? <When at={grant.ended_at} /> : null],
        [text.endReason, grant.end_reason ? endReason(grant.end_reason) : null],
        [text.clockStarts, grant.days ? text.clockStartsThen(grant.days) : null],
        [text.means, text.meanings[grant.means]],
        [text.extensions, grant.extensions > 0 ? grant.extensions : null],
        [text.restsOn, <a href={`#/requests/${grant.request}`}>{text.seeRequest}</a>],
      ]}
    />
  );
}
