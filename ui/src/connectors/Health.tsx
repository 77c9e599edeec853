import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import type { ConnectorView, HealthView } from '../api/types';
import { t } from '../messages';
import { When } from '../shell/When';
import { reasonInWords } from '../jobs/reasons';

const text = t.connectors;
const colours: Record<HealthView['state'], ThemeAppearance> = {
  untested: 'new',
  working: 'success',
  failing: 'removed',
  outage: 'moved',
};

/** How a connector fares, in words and colour. */
export function HealthLozenge({ health }: { health: HealthView }) {
  return <Lozenge appearance={colours[health.state]}>{text.healths[health.state]}</Lozenge>;
}

export function ConnectorStatusLozenge({ status }: { status: ConnectorView['status'] }) {
  return <Lozenge appearance={status === 'enabled' ? 'success' : 'default'}>{text.statuses[status]}</Lozenge>;
}

/** That the provider's clock and the site's differ, which halts everything that is done by time; nothing while they agree. */
export function ClockTrouble({ connector, withLink = false }: { connector: ConnectorView; withLink?: boolean }) {
  const { clock_seconds: seconds, name, id } = connector;
  if (typeof seconds !== 'number') return null;
  return (
    <SectionMessage
      appearance="error"
      title={text.clock(name)}
      actions={
        withLink
          ? [
              <SectionMessageAction key="see" href={`#/connectors/${id}`}>
                {text.see}
              </SectionMessageAction>,
            ]
          : []
      }
    >
      <p>{text.clockWhy(Math.round(Math.abs(seconds) / 60), seconds > 0)}</p>
      <p>{text.clockDo}</p>
    </SectionMessage>
  );
}

/** Whether somebody should know before relying on a connector. */
export const isInTrouble = ({ health }: ConnectorView) => health.state === 'failing' || health.state === 'outage';

/** Why a connector does not work now, and what to do about it; nothing while it works. */
export function ConnectorTrouble({ connector, withLink = false }: { connector: ConnectorView; withLink?: boolean }) {
  const { health, name, id } = connector;
  if (!isInTrouble(connector)) return null;
  const failing = health.state === 'failing';
  return (
    <SectionMessage
      appearance={failing ? 'error' : 'warning'}
      title={failing ? text.trouble(name) : text.outage(name)}
      actions={
        withLink
          ? [
              <SectionMessageAction key="see" href={`#/connectors/${id}`}>
                {text.see}
              </SectionMessageAction>,
            ]
          : []
      }
    >
      <p>
        {health.reason && <>{reasonInWords(health.reason)} </>}
        {health.since && (
          <>
            ({text.since} <When at={health.since} />)
          </>
        )}
      </p>
      {health.what_to_do && <p>{health.what_to_do}</p>}
      {!failing && <p>{text.outageWhy}</p>}
    </SectionMessage>
  );
}
