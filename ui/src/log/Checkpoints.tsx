import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { OperationError } from '../api/errors';
import { useCommand, useList, useOperation } from '../api/hooks';
import type { Output } from '../api/operations';
import type { CheckpointView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { CopyField } from '../shell/Copy';
import { downloadText } from '../shell/download';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Facts, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';

const text = t.checkpoints;
type Published = Output<'audit.checkpoint'>;

/** The signed heads of the log: which left the site, who cosigned, and the keys that verify them. */
export function Checkpoints() {
  const query = useOperation('audit.checkpoint', {});
  if (query.error instanceof OperationError && query.error.code === 'not_found') {
    return <Empty title={text.none} hint={text.noneHint} />;
  }
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t.common.loading(text.title)} />;
  return (
    <div className="c-panel">
      <Newest published={query.data} />
      <Keys published={query.data} />
      <Section title={text.history}>
        <History anchoredSize={query.data.anchored_size} />
      </Section>
    </div>
  );
}

function Newest({ published }: { published: Published }) {
  const { checkpoint, log_size: size, anchored_size: anchored, rewritable } = published;
  return (
    <>
      {rewritable > 0 && (
        <div className="c-banner">
          <SectionMessage appearance="warning" title={text.rewritableTitle(rewritable)}>
            <p>{text.rewritableWhy}</p>
          </SectionMessage>
        </div>
      )}
      <Facts
        rows={[
          [text.newest, text.entries(checkpoint.size)],
          [text.signed, <When at={checkpoint.at} />],
          [text.inLog, text.entries(size)],
          [text.anchored, text.entries(anchored)],
          [text.origin, <span className="c-code">{published.origin}</span>],
          [text.root, <span className="c-code">{checkpoint.root}</span>],
        ]}
      />
    </>
  );
}

function Keys({ published }: { published: Published }) {
  const administers = useIsAdministrator();
  const [rotating, setRotating] = useState(false);
  const rotate = useCommand('audit.rotate_key');
  const notice = useNotice();
  return (
    <Section title={text.keys} actions={administers && <Button onClick={() => setRotating(true)}>{text.rotate}</Button>}>
      <p className="c-lead">{text.keysHelp}</p>
      <ul className="c-plain c-or">
        {published.verifier_keys.map((key) => (
          <li key={key.number}>
            <CopyField label={text.key(key.number)} value={key.verifier} />
            <p className="c-subtle">
              {text.since} <When at={key.since} />
              {key.until && (
                <>
                  {text.until} <When at={key.until} />
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
      {published.witnesses.length > 0 && (
        <>
          <p className="c-lead">{text.witnessesHelp}</p>
          <ul className="c-plain c-or">
            {published.witnesses.map((key) => (
              <li key={key}>
                <CopyField label={text.witnessKey(nameOfKey(key))} value={key} />
              </li>
            ))}
          </ul>
        </>
      )}
      <CommandDialog
        isOpen={rotating}
        title={text.rotateTitle}
        submitLabel={text.rotate}
        onSubmit={async () => {
          await rotate.run({});
          notice(text.rotated, text.rotatedHint);
        }}
        onClose={() => setRotating(false)}
      >
        <p>{text.rotateWhy}</p>
      </CommandDialog>
    </Section>
  );
}

function History({ anchoredSize }: { anchoredSize: number }) {
  const list = useList('audit.checkpoints', {});
  return (
    <ListTable
      label={text.history}
      list={list}
      rowKey={(checkpoint) => String(checkpoint.size)}
      empty={<Empty title={text.none} hint={text.noneHint} />}
      columns={[
        { key: 'size', header: text.size, width: 14, cell: (checkpoint) => text.entries(checkpoint.size) },
        { key: 'at', header: text.signed, width: 24, cell: (checkpoint) => <When at={checkpoint.at} /> },
        {
          key: 'anchors',
          header: text.outside,
          cell: (checkpoint) => <Outside checkpoint={checkpoint} anchoredSize={anchoredSize} />,
        },
        {
          key: 'note',
          header: t.common.actions,
          headerHidden: true,
          width: 14,
          cell: (checkpoint) => (
            <Button
              spacing="compact"
              aria-label={text.downloadOf(checkpoint.size)}
              onClick={() => downloadText(`${checkpoint.size}.checkpoint`, checkpoint.note)}
            >
              {t.common.download}
            </Button>
          ),
        },
      ]}
    />
  );
}

/** Where a checkpoint went. One that stayed here is still covered when a larger one left: the later proves the earlier. */
function Outside({ checkpoint, anchoredSize }: { checkpoint: CheckpointView; anchoredSize: number }) {
  if (checkpoint.anchors.length === 0) {
    return checkpoint.size <= anchoredSize ? <Lozenge>{text.covered}</Lozenge> : <Lozenge appearance="moved">{text.rewritable}</Lozenge>;
  }
  return (
    <ul className="c-plain">
      {checkpoint.anchors.map(({ to, at }) => (
        <li key={typeof to === 'string' ? to : to.witness}>
          <Lozenge appearance="success">{typeof to === 'string' ? text.ways[to] : text.cosigned(nameOfKey(to.witness))}</Lozenge>{' '}
          <When at={at} />
        </li>
      ))}
    </ul>
  );
}

/** The name in front of a key, `name+id+base64`; a bare name is one already. */
const nameOfKey = (key: string) => key.split('+')[0] ?? key;
