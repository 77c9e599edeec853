import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useOperation } from '../api/hooks';
import type { GrantView } from '../api/types';
import { ExportDialog } from '../evidence/ExportDialog';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useSurface } from '../shell/session';
import { When } from '../shell/When';
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
            {surface === 'admin' && <ExportEvidence grant={grant} />}
          </>
        )
      }
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
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
        [
          text.followUp,
          grant.follow_up ? grant.follow_up.what_to_do : null,
        ],
        [text.extensions, grant.extensions > 0 ? grant.extensions : null],
        [text.restsOn, <a href={`#/requests/${grant.request}`}>{text.seeRequest}</a>],
      ]}
    />
  );
}
