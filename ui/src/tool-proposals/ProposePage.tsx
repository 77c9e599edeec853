import Button, { LinkButton } from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { OperationError } from '../api/errors';
import { useCommand } from '../api/hooks';
import type { DataClass } from '../api/types';
import { t } from '../messages';
import { CheckList, TextInput, TextInputLong } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { useNotice } from '../shell/notice';
import { Page } from '../shell/Page';
import { fieldProblem, Problem } from '../shell/problems';

const text = t.toolProposals;

interface Values {
  name: string;
  url: string;
  purpose: string;
  data_classes: readonly DataClass[];
}

/** Proposes a tool that is not in the catalogue. */
export default function ProposePage() {
  const submit = useCommand('tool_proposals.submit');
  const notice = useNotice();
  const [, navigate] = useLocation();
  const [error, setError] = useState<unknown>(null);
  const [otherThan, setOtherThan] = useState<readonly string[]>([]);

  const send = async (values: Values) => {
    setError(null);
    try {
      const { proposal } = await submit.run({
        name: values.name.trim(),
        url: values.url.trim(),
        purpose: values.purpose.trim(),
        data_classes: [...values.data_classes],
        other_than: [...otherThan],
      });
      notice(proposal.state === 'declined' ? text.sentDeclined : text.sent);
      navigate(`/proposed-tools/${proposal.id}`);
      return undefined;
    } catch (problem) {
      const beside = fieldProblem(problem, values);
      if (!beside) {
        setError(problem);
        window.scrollTo(0, 0);
      }
      return beside;
    }
  };

  return (
    <Page title={text.proposeTitle} lead={text.proposeLead} back={{ href: '#/tools', label: t.catalog.back }}>
      <Form<Values & Record<string, unknown>> onSubmit={send}>
        {({ formProps }) => (
          <form {...formProps} noValidate className="c-form" aria-label={text.proposeTitle}>
            {error !== null && <Known error={error} onOther={(tool) => setOtherThan([...otherThan, tool])} />}
            <TextInput name="name" label={text.name} required />
            <TextInput name="url" label={text.url} help={text.urlHelp} type="url" required />
            <TextInputLong name="purpose" label={text.purpose} help={text.purposeHelp} required />
            <CheckList name="data_classes" legend={text.dataClasses} options={optionsOf(t.catalog.dataClassHelp)} required />
            <p className="c-actions c-or">
              <Button appearance="primary" type="submit" isLoading={submit.busy}>
                {text.submit}
              </Button>
              <LinkButton appearance="subtle" href="#/tools">
                {t.common.cancel}
              </LinkButton>
            </p>
          </form>
        )}
      </Form>
    </Page>
  );
}

/** What went wrong; of a tool that is known, where it is. */
function Known({ error, onOther }: { error: unknown; onOther: (tool: string) => void }) {
  const [said, setSaid] = useState(false);
  const known = error instanceof OperationError && error.code === 'tool_known' ? error : null;
  if (!known) return <Problem error={error} />;
  const { tool = '', known_by: by } = (known.details ?? {}) as { tool?: string; known_by?: string };
  return (
    <SectionMessage
      appearance="warning"
      title={text.knownTitle}
      actions={[
        <SectionMessageAction key="see" href={`#/tools/${tool}`}>
          {text.seeKnown}
        </SectionMessageAction>,
      ]}
    >
      <p>{known.message}</p>
      {by === 'address' && (
        <Button
          isDisabled={said}
          onClick={() => {
            setSaid(true);
            onOther(tool);
          }}
        >
          {text.anotherTool}
        </Button>
      )}
    </SectionMessage>
  );
}
