import Button, { LinkButton } from '@atlaskit/button/new';
import ProgressBar from '@atlaskit/progress-bar';
import SectionMessage from '@atlaskit/section-message';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useOperation } from '../api/hooks';
import { t } from '../messages';
import { Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { type CsvRow, CsvProblem, largestFile, rowsOf } from './csv';
import { ImportDiff } from './ImportDiff';
import { type Applied, apply, changes, compare, type Part } from './importing';

const text = t.identities;

interface Chosen {
  file: string;
  rows: CsvRow[];
}

type Work = 'comparing' | 'applying' | null;
const nothingYet: Applied = { applied: 0, proposals: 0 };

/** Maps many people from a file: read here, looked up in parts, shown, and only then applied. */
export default function ImportPage({ id }: { id: string }) {
  const connector = useOperation('connectors.get', { connector: id }).data?.connector;
  const [chosen, setChosen] = useState<Chosen | null>(null);
  return (
    <Page
      title={text.importTitle(connector?.name ?? '')}
      lead={text.importLead}
      back={{ href: `#/connectors/${id}/identities`, label: text.title }}
    >
      <FileChoice chosen={chosen} onChosen={setChosen} />
      {chosen && <Import key={`${chosen.file} ${chosen.rows.length}`} connector={id} chosen={chosen} onAnother={() => setChosen(null)} />}
    </Page>
  );
}

function FileChoice({ chosen, onChosen }: { chosen: Chosen | null; onChosen: (chosen: Chosen | null) => void }) {
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const read = async (file: File | undefined) => {
    onChosen(null);
    setProblem(null);
    if (!file) return;
    try {
      if (file.size > largestFile) throw new CsvProblem(text.fileProblems.size);
      onChosen({ file: file.name, rows: rowsOf(await file.text()) });
    } catch (error) {
      setProblem(error instanceof CsvProblem ? error.message : text.fileProblems.unreadable);
    }
  };
  return (
    <Section title={text.file}>
      <p className="c-lead">{text.fileHelp}</p>
      <pre className="c-code" aria-label={text.exampleLabel} role="note">
        {text.example}
      </pre>
      <label htmlFor={id} className="c-field-label">
        {text.file}
      </label>
      <input
        id={id}
        type="file"
        accept=".csv,text/csv,text/plain"
        aria-describedby={`${id}-state`}
        onClick={(event) => (event.currentTarget.value = '')}
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
      <div id={`${id}-state`} aria-live="polite" className="c-or">
        {problem && (
          <SectionMessage appearance="error" title={t.errors.title}>
            <p>{problem}</p>
          </SectionMessage>
        )}
        {chosen && <p>{text.chosen(chosen.file, chosen.rows.length)}</p>}
      </div>
    </Section>
  );
}

function Import({ connector, chosen, onAnother }: { connector: string; chosen: Chosen; onAnother: () => void }) {
  const client = useQueryClient();
  const [parts, setParts] = useState<Part[]>([]);
  const [work, setWork] = useState<Work>(null);
  const [done, setDone] = useState<Applied | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stopped = useRef(false);

  const compared = parts.reduce((count, part) => count + part.rows.length, 0);
  const complete = compared === chosen.rows.length;
  const wanted = parts.filter(changes);
  const rowsIn = (some: Part[]) => some.reduce((count, part) => count + part.rows.length, 0);
  const appliedRows = rowsIn(wanted.filter(({ applied }) => applied));
  const finished = complete && done !== null && wanted.every(({ applied }) => applied);

  const during = async (kind: Work, deed: () => Promise<unknown>) => {
    stopped.current = false;
    setError(null);
    setWork(kind);
    try {
      await deed();
    } catch (problem) {
      setError(problem);
    } finally {
      setWork(null);
    }
  };
  const see = () =>
    during('comparing', () =>
      compare(connector, chosen.rows, parts, (now) => {
        setParts(now);
        return !stopped.current;
      }),
    );
  const carryOut = () =>
    during('applying', async () => {
      let sum = done ?? nothingYet;
      await apply(connector, parts, (now, more) => {
        sum = { applied: sum.applied + more.applied, proposals: sum.proposals + more.proposals };
        setParts(now);
        setDone(sum);
        return !stopped.current;
      });
      void client.invalidateQueries();
    });

  return (
    <>
      {!complete && (
        <p className="c-actions">
          <Button appearance="primary" onClick={() => void see()} isLoading={work === 'comparing'}>
            {parts.length === 0 ? text.compare : text.goOn}
          </Button>
          {work && <Stop onStop={() => (stopped.current = true)} />}
        </p>
      )}
      <div aria-live="polite" className="c-or">
        {work === 'comparing' && <Progress done={compared} all={chosen.rows.length} words={text.comparing} />}
        {work === 'applying' && <Progress done={appliedRows} all={rowsIn(wanted)} words={text.applying} />}
        {error !== null && <Problem error={error} />}
        {finished && done && (
          <SectionMessage appearance="success" title={text.applied}>
            <p>{text.appliedCount(done.applied, done.proposals)}</p>
          </SectionMessage>
        )}
      </div>
      {complete && !finished && wanted.length > 0 && (
        <p className="c-actions c-or">
          <Button appearance="primary" onClick={() => void carryOut()} isLoading={work === 'applying'}>
            {done ? text.goOn : text.apply}
          </Button>
          {work && <Stop onStop={() => (stopped.current = true)} />}
        </p>
      )}
      {finished && (
        <p className="c-actions c-or">
          <LinkButton appearance="primary" href={`#/connectors/${connector}/identities`}>
            {text.backToList}
          </LinkButton>
          <Button onClick={onAnother}>{text.another}</Button>
        </p>
      )}
      {parts.length > 0 && !finished && <ImportDiff parts={parts} />}
    </>
  );
}

const Stop = ({ onStop }: { onStop: () => void }) => <Button onClick={onStop}>{text.stop}</Button>;

function Progress({ done, all, words }: { done: number; all: number; words: (done: number, all: number) => string }) {
  return (
    <>
      <ProgressBar ariaLabel={words(done, all)} value={all === 0 ? 0 : done / all} isIndeterminate={done === 0} />
      <p>{words(done, all)}</p>
    </>
  );
}
