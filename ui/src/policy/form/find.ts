/** What fields of the form offer for what is typed. */
import { invoke } from '../../api/invoke';
import { t } from '../../messages';
import { findPeople } from '../../people/PersonChoice';
import type { Option } from '../../shell/fields';
import { approverOption } from './ruleForm';
import { namesOf } from '../sentences';
import type { OptionGroup } from './controls';

const text = t.ruleForm;
const contains = (typed: string) => (option: Option) => option.label.toLowerCase().includes(typed.trim().toLowerCase());

/** Tools by what their entries say. */
export async function findTools(typed: string): Promise<Option[]> {
  const search = typed.trim();
  const { items } = await invoke('catalog.list', { limit: 50, ...(search ? { search } : {}) });
  return items.map(({ id, name }) => ({ value: id, label: name }));
}

/** Groups by a part of their names: a company has few. */
export async function findGroups(typed: string): Promise<Option[]> {
  const { items } = await invoke('people_groups.list', { limit: 100 });
  return items.map(({ id, name }) => ({ value: id, label: name })).filter(contains(typed));
}

/** Roles, groups and people. */
export async function findApprovers(typed: string): Promise<OptionGroup[]> {
  const [groups, people] = await Promise.all([findGroups(typed), findPeople(typed)]);
  const prefixed = (prefix: string) => (option: Option) => ({ ...option, value: `${prefix}:${option.value}` });
  const roles = (['tool_owners', 'manager', 'security', 'administrators'] as const).map((role) => approverOption(role, namesOf()));
  return [
    { label: text.roles, options: roles.filter(contains(typed)) },
    { label: text.groupsOf, options: groups.map(prefixed('group')) },
    { label: text.people, options: people.map(prefixed('person')) },
  ].filter(({ options }) => options.length > 0);
}
