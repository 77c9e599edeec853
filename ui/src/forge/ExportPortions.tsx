import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { t } from '../messages';
import { Problem } from '../shell/problems';
import { downloadExport } from './exports';

const text = t.forge.exports;

/** Fetches an export through Jira, which hands out no file by itself, and shows how much of it is there. */
export function ExportPortions({ id }: { id: string }) {
  const [bytes, setBytes] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState(false);
  const busy = bytes !== null && !done && error === null;
  const fetchIt = async () => {
    setError(null);
    setDone(false);
    setBytes(0);
    try {
      await downloadExport(id, setBytes);
      setDone(true);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div className="c-stack c-or">
      {error !== null && <Problem error={error} />}
      <p aria-live="polite" className="c-subtle">
        {bytes !== null && error === null && (done ? text.done(kilobytes(bytes)) : text.fetched(kilobytes(bytes)))}
      </p>
      <Button appearance="primary" isLoading={busy} onClick={() => void fetchIt()}>
        {t.common.download}
      </Button>
    </div>
  );
}

const kilobytes = (bytes: number): string => Math.ceil(bytes / 1024).toLocaleString(t.locale);
