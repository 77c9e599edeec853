import { useCommand } from '../api/hooks';
import type { Input } from '../api/operations';
import type { Category, Risk, ToolProposalAnswer } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Choice, type Option, TextInput, TextInputLong } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { useNotice } from '../shell/notice';

const text = t.toolProposals;

type Assessment = Input<'tool_proposals.assess'>;
type Answer = keyof typeof text.answers;

interface Values extends Record<string, unknown> {
  risk: Option<Risk>;
  rationale: string;
  vendor?: string;
  category?: Option<Category>;
  summary?: string;
}

/** An answer to each question, a risk, and the decision; to accept, also what the draft entry says. */
export function AssessDialog({
  answer,
  decision,
  isOpen,
  onClose,
}: {
  answer: ToolProposalAnswer;
  decision: Assessment['decision'];
  isOpen: boolean;
  onClose: () => void;
}) {
  const assess = useCommand('tool_proposals.assess');
  const notice = useNotice();
  const accepts = decision === 'accept';
  const answersIn = (values: Values) =>
    Object.fromEntries(
      answer.questions.map(({ question }) => [question, (values[question] as Option<Answer>).value]),
    ) as Assessment['answers'];
  return (
    <CommandDialog<Values>
      isOpen={isOpen}
      title={accepts ? text.acceptTitle : text.declineTitle}
      submitLabel={accepts ? text.accept : text.decline}
      onSubmit={async (values) => {
        await assess.run({
          proposal: answer.proposal.id,
          answers: answersIn(values),
          risk: values.risk.value,
          decision,
          rationale: values.rationale.trim(),
          ...(accepts
            ? {
                entry: {
                  vendor: (values.vendor ?? '').trim(),
                  category: values.category?.value ?? 'assistant',
                  summary: (values.summary ?? '').trim(),
                },
              }
            : {}),
        });
        notice(accepts ? text.accepted : text.declined);
      }}
      onClose={onClose}
    >
      {accepts && <p>{text.acceptWhy}</p>}
      <p className="c-subtle">{text.answersHelp}</p>
      {answer.questions.map(({ question, text: asked }) => (
        <Choice key={question} name={question} label={asked} options={optionsOf(text.answers)} required />
      ))}
      <Choice name="risk" label={text.risk} options={optionsOf(t.catalog.risks)} required />
      {accepts && (
        <>
          <TextInput name="vendor" label={text.vendor} required />
          <Choice name="category" label={text.category} options={optionsOf(t.catalog.categories)} required />
          <TextInputLong name="summary" label={text.summary} help={text.summaryHelp} rows={2} required />
        </>
      )}
      <TextInputLong name="rationale" label={text.rationale} help={text.rationaleHelp} required />
    </CommandDialog>
  );
}
