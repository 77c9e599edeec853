import { useList, useOperation } from '../api/hooks';
import { t } from '../messages';
import { Section } from '../shell/Page';

const text = t.exceptions;

/** How many members from before their group was bound are left, group by group; nothing where there was none. */
export function BaselineCounts() {
  const groups = useList('provider_groups.list', {}, 100);
  if (!groups.items?.length) return null;
  return (
    <Section title={text.baseline}>
      <p className="c-lead">{text.baselineLead}</p>
      <ul>
        {groups.items.map(({ tool }) => (
          <Count key={tool.id} tool={tool} />
        ))}
      </ul>
    </Section>
  );
}

function Count({ tool }: { tool: { id: string; name: string } }) {
  const { data } = useOperation('exceptions.baseline', { tool: tool.id });
  if (!data || data.found === 0) return null;
  return (
    <li>
      {tool.name}: {text.remaining(data.remaining, data.found)}
    </li>
  );
}
