import { HelperMessage } from '@atlaskit/form';
import { useCommand, useList } from '../api/hooks';
import type { PersonView, Role } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Choice, Choices, type Option, TextInput } from '../shell/fields';
import { useNotice } from '../shell/notice';
import { PersonChoice } from './PersonChoice';

const text = t.people;
const roles = (Object.keys(text.roles) as Role[]).map((value) => ({ value, label: text.roleHelp[value] }));
const participation: readonly Option<'active' | 'left'>[] = [
  { value: 'active', label: text.active },
  { value: 'left', label: text.deactivate },
];

interface Values {
  name: string;
  email: string;
  role: Option<Role>;
  groups: readonly Option[];
  manager?: Option;
  participation?: Option<'active' | 'left'>;
}

/** Adds a person, or changes one. */
export function PersonDialog({ person, onClose }: { person: PersonView | 'new' | null; onClose: () => void }) {
  const put = useCommand('people.put');
  const notice = useNotice();
  const existing = person === 'new' ? null : person;

  const save = async (values: Values) => {
    const { proposal } = await put.run({
      ...(existing ? { id: existing.id } : {}),
      name: values.name.trim(),
      ...(values.email.trim() ? { email: values.email.trim() } : {}),
      role: values.role.value,
      groups: values.groups.map((group) => group.value),
      manager: values.manager?.value ?? null,
      ...(values.participation ? { active: values.participation.value === 'active' } : {}),
    });
    const name = values.name.trim();
    notice(proposal ? t.proposals.waits(text.standingOf(name)) : text.saved(name));
  };

  return (
    <CommandDialog<Values>
      isOpen={person !== null}
      title={existing ? text.editTitle(existing.name) : text.addTitle}
      submitLabel={t.common.save}
      onSubmit={save}
      onClose={onClose}
    >
      <TextInput name="name" label={text.name} initial={existing?.name} required />
      <TextInput name="email" label={text.email} type="email" initial={existing?.email ?? ''} help={text.signInHint} />
      <Choice
        name="role"
        label={text.role}
        options={roles}
        initial={roles.find((role) => role.value === (existing?.role ?? 'member'))}
        required
      />
      <GroupChoices initial={existing?.groups ?? []} />
      <PersonChoice name="manager" label={text.manager} help={text.managerHelp} initial={managerOf(existing)} />
      {existing && (
        <>
          <Choice
            name="participation"
            label={text.status}
            options={participation}
            initial={participation.find((each) => each.value === (existing.status === 'active' ? 'active' : 'left'))}
            required
          />
          <HelperMessage>{text.deactivateHelp}</HelperMessage>
        </>
      )}
    </CommandDialog>
  );
}

function managerOf(person: PersonView | null): Option | undefined {
  return person?.manager ? { value: person.manager.id, label: person.manager.name } : undefined;
}

function GroupChoices({ initial }: { initial: readonly { id: string; name: string }[] }) {
  const groups = useList('people_groups.list', {}, 100);
  const asOption = (group: { id: string; name: string }) => ({ value: group.id, label: group.name });
  return (
    <Choices
      name="groups"
      label={text.groupsOf}
      help={text.groupHelp}
      options={(groups.items ?? []).map(asOption)}
      initial={initial.map(asOption)}
    />
  );
}
