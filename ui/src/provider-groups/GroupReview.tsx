import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import type { ConnectorView, GroupCheck, ToolView } from '../api/types';
import { reasonInWords } from '../jobs/reasons';
import { t } from '../messages';
import { useNotice } from '../shell/notice';
import { Facts, Section } from '../shell/Page';
import { asSentence, Problem } from '../shell/problems';

const text = t.providerGroups;

/** A group that the provider told of. */
type Told = GroupCheck & { group: NonNullable<GroupCheck['group']> };

/** What binding a group means, and the button that does it. */
export function GroupReview({ tool, connector, checked }: { tool: ToolView; connector: ConnectorView; checked: Told }) {
  const bind = useCommand('provider_groups.bind');
  const notice = useNotice();
  const [error, setError] = useState<unknown>(null);
  const { group, bindable, needs_second: second } = checked;
  const run = () => {
    setError(null);
    bind.run({ tool: tool.id, connector: connector.id, group: group.id }).then(({ proposal }) => {
      if (proposal) notice(text.proposed, proposal.why);
      else notice(text.bound(group.name), text.boundHint);
    }, setError);
  };
  return (
    <Section title={text.checked(group.name)}>
      <Facts
        rows={[
          [text.group, group.name],
          [text.makeDescription, group.description],
          [text.members, group.members ? text.membersOf(group.members.at_least, group.members.more) : null],
          [text.reach, reachInWords(checked)],
          [text.providerId, <span className="c-code">{group.id}</span>],
        ]}
      />
      <div className="c-or">
        {!bindable && <CannotBind checked={checked} />}
        {bindable && second && (
          <SectionMessage appearance="warning" title={text.needsSecond}>
            <p>{checked.why ?? text.needsSecondWhy}</p>
          </SectionMessage>
        )}
      </div>
      {error !== null && <Problem error={error} />}
      {bindable && (
        <>
          <p className="c-or">{text.membersStay}</p>
          <p className="c-or">
            <Button appearance="primary" onClick={run} isLoading={bind.busy}>
              {second ? text.propose : text.bind}
            </Button>
          </p>
        </>
      )}
    </Section>
  );
}

/** Why a group must not be managed from here, and what to do about it. */
export function CannotBind({ checked }: { checked: GroupCheck }) {
  return (
    <SectionMessage appearance="error" title={text.cannot}>
      <p>
        {checked.reason && <>{whyNot(checked.reason)} </>}
        {checked.what_to_do && asSentence(checked.what_to_do)}
      </p>
    </SectionMessage>
  );
}

function reachInWords({ group: { reach } }: Told): string {
  return reach.kind === 'applications' ? text.reaches.applications(t.common.list(reach.names)) : text.reaches[reach.kind];
}

/** A reason newer than this page is left to the advice beside it. */
const whyNot = (code: string): string => {
  const known = (text.reasons as Record<string, string | undefined>)[code] ?? reasonInWords(code);
  return known === code ? '' : known;
};
