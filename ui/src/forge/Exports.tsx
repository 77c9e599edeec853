import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import ProgressBar from '@atlaskit/progress-bar';
import { useOperation } from '../api/hooks';
import type { Item } from '../api/operations';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { LoadingRows } from '../shell/Loading';
import { Facts } from '../shell/Page';
import { Problem } from '../shell/problems';
import { formatInstant, When } from '../shell/When';
import { useTimeZone } from '../shell/session';
import { ExportPortions } from './ExportPortions';

const text = t.forge.exports;
type Export = Item<'exports.list'>;
type State = Export['progress']['is'];
const colours: Record<State, ThemeAppearance> = { streamed: 'success', making: 'inprogress', kept: 'success', stopped: 'removed' };

/** Milliseconds between two looks at exports of which one is being made. */
const EVERY = 3_000;
/** Those that one keeps an eye on: each is there for a day. */
const SHOWN = 20;

function useExports() {
  const every = (answer: { items: Export[] } | undefined) => answer?.items.some(({ progress }) => progress.is === 'making') && EVERY;
  return useOperation('exports.list', { limit: SHOWN }, { every: (answer) => every(answer) || false });
}

/** One's own exports: how far each is, and its file once it is whole. They are there whenever somebody comes back. */
export function Exports() {
  const { data, error } = useExports();
  if (error) return <Problem error={error} />;
  if (!data) return <LoadingRows label={text.list} />;
  if (data.items.length === 0) return <Empty title={text.none} hint={text.noneHint} />;
  return (
    <section className="c-panel" aria-label={text.list}>
      <p className="c-subtle">{text.listHelp}</p>
      <ul className="c-stack c-plain">
        {data.items.map((each) => (
          <li key={each.id}>
            <ExportItem export={each} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One of them, as it is now; as it was when it was begun, until that is known. */
export function ExportUnderWay({ begun }: { begun: Export }) {
  const { data } = useExports();
  return <ExportItem export={data?.items.find(({ id }) => id === begun.id) ?? begun} />;
}

function ExportItem({ export: { id, scope, records, made_at, expires_at, progress } }: { export: Export }) {
  const zone = useTimeZone();
  const span = scope.of === 'period' ? ` (${text.span(formatInstant(scope.from, zone), formatInstant(scope.until, zone))})` : '';
  return (
    <article className="c-banner" aria-label={`${text.scopes[scope.of]}${span}`}>
      <p>
        <strong>{text.scopes[scope.of]}</strong>
        {span} <Lozenge appearance={colours[progress.is]}>{text.states[progress.is]}</Lozenge>
      </p>
      <Facts
        rows={[
          [t.evidence.begunAt, <When at={made_at} />],
          [t.evidence.records, scope.of === 'requests' ? null : records.toLocaleString(t.locale)],
          [t.evidence.downloadUntil, progress.is === 'kept' ? <When at={expires_at} /> : null],
        ]}
      />
      <div aria-live="polite">
        {progress.is === 'making' && <Making {...progress} />}
        {progress.is === 'stopped' && <p>{text.stopped[progress.reason]}</p>}
      </div>
      {progress.is === 'kept' && <ExportPortions id={id} />}
    </article>
  );
}

function Making({ read, of, bytes }: { read: number; of: number; bytes: number }) {
  if (bytes === 0) return <p>{text.beginning}</p>;
  const number = (value: number) => value.toLocaleString(t.locale);
  return (
    <>
      {of > 0 && <ProgressBar ariaLabel={text.progress} value={read / of} />}
      <p>
        {of > 0 && `${text.read(number(read), number(of))}, `}
        {text.written(number(Math.ceil(bytes / 1024)))}
      </p>
    </>
  );
}
