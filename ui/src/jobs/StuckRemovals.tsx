import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useOperation } from '../api/hooks';
import type { AlarmLevel } from '../api/types';
import { t } from '../messages';
import { When } from '../shell/When';

const text = t.jobs;
const colours: Record<AlarmLevel, ThemeAppearance> = { raised: 'moved', day: 'removed', week: 'removed' };

/** How long access has not been taken away that should have been. */
export function AlarmLozenge({ level }: { level: AlarmLevel }) {
  return (
    <Lozenge appearance={colours[level]} isBold={level === 'week'}>
      {text.alarms[level]}
    </Lozenge>
  );
}

/** Access that should have been taken away and was not: louder the longer it lasts. */
export function StuckRemovals() {
  const { data } = useOperation('jobs.alarm', {});
  const alarm = data?.alarm;
  if (!alarm) return null;
  return (
    <SectionMessage
      appearance={alarm.level === 'raised' ? 'warning' : 'error'}
      title={text.stuckTitle(alarm.removals.count, alarm.removals.more)}
      actions={[
        <SectionMessageAction key="see" href="#/jobs?stuck=true">
          {text.seeStuck}
        </SectionMessageAction>,
      ]}
    >
      <p>
        <AlarmLozenge level={alarm.level} /> {text.stuckSince} <When at={alarm.since} />. {text.stuckWhy}
      </p>
      {alarm.told_at && (
        <p>
          {text.told(alarm.told)} <When at={alarm.told_at} />
        </p>
      )}
    </SectionMessage>
  );
}
