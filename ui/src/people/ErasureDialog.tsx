import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import SectionMessage from '@atlaskit/section-message';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import { invoke } from '../api/invoke';
import type { Output } from '../api/operations';
import type { PersonView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Agree } from '../shell/fields';
import { LoadingRows } from '../shell/Loading';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';

const text = t.erasure;
type Erasure = Output<'people.erasure'>;
const stages = Object.keys(text.stages) as Erasure['state'][];

/** Whether a person's erasure was asked for. */
export const isBeingErased = (person: PersonView) => person.status === 'erasing' || person.status === 'erased';

/** Asks before a person is erased for good; for one whose erasure runs or is done, how far it has come. */
export function ErasureDialog({ person, onClose }: { person: PersonView | null; onClose: () => void }) {
  const erase = useCommand('people.erase');
  const [begun, setBegun] = useState(false);
  const close = () => {
    setBegun(false);
    onClose();
  };
  if (person && (begun || isBeingErased(person))) {
    return <ModalTransition>{<Progress person={person} onClose={close} />}</ModalTransition>;
  }
  return (
    <CommandDialog
      isOpen={person !== null}
      title={text.title(person?.name ?? '')}
      submitLabel={text.submit}
      appearance="danger"
      onSubmit={async () => {
        if (person) await erase.run({ person: person.id });
        setBegun(true);
      }}
      onClose={onClose}
      staysOpen
    >
      <SectionMessage appearance="warning" title={text.forGood}>
        <ul>
          {text.destroyed.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </SectionMessage>
      <p className="c-or">{text.stays}</p>
      <p>{text.beyond}</p>
      <Agree name="understood" label={text.understood} required complaint={text.tick} />
    </CommandDialog>
  );
}

const pollMilliseconds = 5_000;

function Progress({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const query = useQuery<Erasure, Error>({
    queryKey: ['people.erasure', person.id],
    queryFn: () => invoke('people.erasure', { person: person.id, limit: 100 }),
    refetchInterval: ({ state }) => (state.data?.state === 'erased' ? false : pollMilliseconds),
  });
  return (
    <ModalDialog onClose={onClose} shouldScrollInViewport>
      <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
        <ModalTitle>{text.progressTitle(person.name)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows label={t.common.loading(text.progressTitle(person.name))} rows={3} />}
        {query.data && <Standing erasure={query.data} />}
      </ModalBody>
      <ModalFooter>
        <Button appearance="primary" onClick={onClose}>
          {t.common.close}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}

function Standing({ erasure }: { erasure: Erasure }) {
  const { state, waiting_for: waiting, exports } = erasure;
  const here = stages.indexOf(state);
  return (
    <>
      <div aria-live="polite">
        {state === 'erased' && (
          <SectionMessage appearance="success" title={text.done}>
            <p>
              <When at={erasure.erased_at} />
            </p>
          </SectionMessage>
        )}
        {erasure.started_at && (
          <p>
            {text.started} <When at={erasure.started_at} />
          </p>
        )}
        <ol className="c-timeline c-or" aria-label={text.steps}>
          {stages.map((stage, place) => (
            <li key={stage} aria-current={place === here && state !== 'erased' ? 'step' : undefined}>
              <strong>{text.stages[stage]}</strong>{' '}
              <span className="c-subtle">
                {place < here || state === 'erased' ? text.standing.done : place === here ? text.standing.now : text.standing.ahead}
              </span>
              {place === here && state !== 'erased' && <p>{text.stageHelp[stage]}</p>}
            </li>
          ))}
        </ol>
      </div>
      {waiting.length > 0 && (
        <Section title={text.waiting}>
          <ul>
            {waiting.map((grant) => (
              <li key={grant.grant}>
                <a className="c-underlined" href={`#/access/${grant.grant}`}>
                  {grant.tool.name}
                </a>
                : {grant.task ? text.task(grant.assignee?.name ?? text.ownersOrAdministrators) : stateOf(grant.state)}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={text.exports}>
        {exports.items.length === 0 ? (
          <p>{text.noExports}</p>
        ) : (
          <>
            <p>{text.exportsHelp}</p>
            <ul>
              {exports.items.map((each) => (
                <li key={each.export}>
                  {text.scopes[each.scope.of]}, <When at={each.at} />, {text.by(each.by?.name ?? t.log.console)}{' '}
                  <span className="c-code">{each.export}</span>
                </li>
              ))}
            </ul>
            {exports.next && <p className="c-subtle">{text.moreExports(exports.items.length)}</p>}
          </>
        )}
      </Section>
    </>
  );
}

const stateOf = (state: string) => (t.access.states as Record<string, string | undefined>)[state] ?? state;
