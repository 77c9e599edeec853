import { useState } from 'react';
import { useCommand, useOperation } from '../api/hooks';
import type { Output } from '../api/operations';
import { t } from '../messages';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Facts, Section } from '../shell/Page';
import { Problem } from '../shell/problems';

const text = t.inbox;
type Preference = Output<'notices.preferences'>['topics'][number];

/** How the person hears of each topic besides in the inbox. */
export function Preferences() {
  const query = useOperation('notices.preferences', {});
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t.common.loading(text.preferences)} />;
  return (
    <Section title={text.preferences}>
      <p className="c-lead">{query.data.email ? text.preferencesLead : text.noEmail}</p>
      {query.data.topics.map((preference) =>
        preference.mandatory ? (
          <Facts key={preference.topic} rows={[[text.topics[preference.topic], text.mandatory]]} />
        ) : (
          <Chosen key={preference.topic} preference={preference} />
        ),
      )}
    </Section>
  );
}

function Chosen({ preference }: { preference: Preference }) {
  const put = useCommand('notices.put_preference');
  const notice = useNotice();
  const [error, setError] = useState<unknown>(null);
  const choose = async (delivery: Preference['delivery'] | null) => {
    if (!delivery || delivery === preference.delivery) return;
    setError(null);
    try {
      await put.run({ topic: preference.topic, delivery });
      notice(text.chosen);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      {error !== null && <Problem error={error} />}
      <div className="c-filters">
        <ChoiceFilter
          label={text.topics[preference.topic]}
          options={optionsOf(text.deliveries)}
          value={preference.delivery}
          onChange={(next) => void choose(next)}
        />
      </div>
    </>
  );
}
