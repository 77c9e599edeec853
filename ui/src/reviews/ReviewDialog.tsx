import { useState } from 'react';
import { useCommand, useOperation } from '../api/hooks';
import type { Input } from '../api/operations';
import type { ReviewFacts, ReviewView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { TextInput, TextInputLong } from '../shell/fields';
import { ChoiceFilter } from '../shell/filters';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Facts } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';

const text = t.reviews;
const mostDays = 365;

type Decision = Input<'reviews.decide'>['decision'];

interface Values {
  days?: string;
  reason?: string;
}

/** Whether access is still needed, beside what is known of it. */
export function ReviewDialog({ review, onClose }: { review: ReviewView; onClose: () => void }) {
  const query = useOperation('reviews.get', { review: review.id });
  const decide = useCommand('reviews.decide');
  const notice = useNotice();
  const administers = useIsAdministrator();
  const [decision, setDecision] = useState<Decision>('let_expire');
  const all: Decision[] = administers ? ['renew', 'let_expire', 'remove', 'exception'] : ['renew', 'let_expire', 'remove'];
  const options = all.map((value) => ({ value, label: text.decisions[value] ?? value }));
  const needsReason = decision === 'remove' || decision === 'exception';
  const submit = async ({ days, reason }: Values) => {
    const { review: now } = await decide.run({
      review: review.id,
      decision,
      ...(days && (decision === 'renew' || decision === 'exception') ? { days: Number(days) } : {}),
      ...(reason?.trim() ? { reason: reason.trim() } : {}),
    });
    notice(text.done[now.decision?.renewal?.kind ?? decision] ?? text.title);
  };
  return (
    <CommandDialog<Values>
      isOpen
      title={text.decideTitle(review.person.name, review.tool.name)}
      submitLabel={text.decisions[decision] ?? decision}
      appearance={decision === 'remove' ? 'danger' : 'primary'}
      onSubmit={submit}
      onClose={onClose}
      isIncomplete={!query.data}
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} rows={4} />}
      {query.data && <Known facts={query.data.facts} />}
      <ChoiceFilter label={text.decision} options={options} value={decision} onChange={(next) => next && setDecision(next)} />
      <p aria-live="polite">{text.decisionHelp[decision]}</p>
      {(decision === 'renew' || decision === 'exception') && (
        <TextInput
          key={decision}
          name="days"
          label={decision === 'renew' ? text.days : text.exceptionDays}
          type="number"
          min={1}
          max={mostDays}
          initial="30"
          check={(value) => {
            const days = Number(value);
            return Number.isInteger(days) && days >= 1 && days <= mostDays ? undefined : t.errors.wholeNumber(1, mostDays);
          }}
          required
        />
      )}
      <TextInputLong
        key={needsReason ? 'needed' : 'free'}
        name="reason"
        label={text.reason}
        help={text.reasonHelp}
        rows={2}
        check={(value) => (needsReason && !value?.trim() ? text.reasonNeeded : undefined)}
        required={needsReason}
      />
    </CommandDialog>
  );
}

/** The facts of the access itself. */
function Known({ facts }: { facts: ReviewFacts }) {
  const classes = (names: ReviewFacts['data_classes']) => names.map((name) => t.catalog.dataClasses[name]).join(', ');
  const { grant } = facts;
  const rose = facts.risk_then !== facts.risk_now;
  return (
    <section aria-label={text.facts}>
      <Facts
        rows={[
          [text.purpose, facts.purpose],
          [text.age, grant.activated_at ? `${text.ageDays(facts.age_days)}` : text.notYet],
          [text.ends, grant.ends_at ? <When at={grant.ends_at} relative /> : null],
          [text.extensions, text.times(facts.extensions.length)],
          [text.dataClasses, classes(facts.data_classes)],
          [
            text.risk,
            rose ? text.riskRose(t.catalog.risks[facts.risk_then], t.catalog.risks[facts.risk_now]) : t.catalog.risks[facts.risk_now],
          ],
          [text.usagePolicy, facts.usage_policy_accepted == null ? null : facts.usage_policy_accepted ? text.accepted : text.notAccepted],
          [text.followUp, grant.follow_up?.what_to_do],
          [
            text.drift,
            facts.drift.length === 0
              ? text.noDrift
              : facts.drift.map(({ kind, open }) => `${t.drift.kinds[kind]}${open ? '' : ` (${text.driftOver})`}`).join('; '),
          ],
        ]}
      />
      {facts.data_classes_not_allowed.length > 0 && <p>{text.notAllowed(classes(facts.data_classes_not_allowed))}</p>}
    </section>
  );
}
