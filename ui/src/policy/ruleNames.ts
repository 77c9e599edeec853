import { useList } from '../api/hooks';
import { t } from '../messages';
import type { RuleNames } from './sentences';

/** Names of groups, people and tools that rules mention, as far as one page of each holds them. */
export function useRuleNames(): RuleNames {
  const groups = useList('people_groups.list', {}, 100);
  const people = useList('people.list', {}, 100);
  const tools = useList('catalog.list', {}, 100);
  const find = (items: readonly { id: string; name: string }[] | undefined, otherwise: string) => (id: string) =>
    items?.find((each) => each.id === id)?.name ?? otherwise;
  return {
    group: find(groups.items, t.policy.unknownGroup),
    person: find(people.items, t.policy.somePerson),
    tool: find(tools.items, t.policy.someTool),
  };
}
