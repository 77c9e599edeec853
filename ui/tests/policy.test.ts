import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { compareWords } from '../src/policy/words.ts';
import { type OpenPage, openPage } from './browser.ts';
import { open } from './checks.ts';
import { mockApi, Refused } from './mock/api.ts';
import { ben } from './mock/company.ts';
import { draft, lint } from './mock/policies.ts';
import { type Api, serve } from './server.ts';

interface Sent {
  operation: string;
  body: Record<string, unknown>;
}

let opened: OpenPage;
let page: Page;
let server: Awaited<ReturnType<typeof serve>>;
let sent: Sent[] = [];
let behaviour: Record<string, (input: Record<string, unknown>) => unknown> = {};
let role = 'administrator';

/** The mock, with what was sent noted and some answers replaced by the test. */
const noting: Api = {
  async answer(path, method, body, headers) {
    sent.push({ operation: path.replace('/api/v1/', ''), body: body as Record<string, unknown> });
    const answer = await mockApi(behaviour).answer(path, method, body, headers);
    if (path !== '/session') return answer;
    const session = answer.body as { person: object };
    return { ...answer, body: { ...session, person: { ...session.person, role } } };
  },
};
const inputs = (operation: string) => sent.filter((each) => each.operation === operation).map(({ body }) => body);

before(async () => {
  server = await serve(noting);
  opened = await openPage();
  page = opened.page;
});
after(async () => {
  await opened.close();
  await server.close();
});
beforeEach(() => {
  sent = [];
  behaviour = {};
  role = 'administrator';
});

test('what two sentences do not share is found word by word, and together the pieces are the sentences', () => {
  const [before, after] = ['it needs approval by a tool owner.', 'it needs approval by 2 of the owners, then by security.'];
  const pieces = compareWords(before, after);
  const side = (kind: 'before' | 'after') =>
    pieces
      .filter((piece) => piece.kind === 'same' || piece.kind === kind)
      .map(({ words }) => words)
      .join('');
  assert.equal(side('before'), before);
  assert.equal(side('after'), after);
  assert.deepEqual(pieces[0], { kind: 'same', words: 'it needs approval by' });
  assert.deepEqual(compareWords('same', 'same'), [{ kind: 'same', words: 'same' }]);
});

test('a rule is moved by its buttons, the focus stays with it, and its place is read out', async () => {
  let stored = { ...draft };
  behaviour['policies.draft'] = () => ({ draft: stored });
  behaviour['policies.put_draft'] = ({ order }) => {
    const ids = order as string[];
    stored = { ...stored, version: stored.version + 1, rules: ids.map((id) => stored.rules.find((rule) => rule.id === id)!) };
    return { version: stored.version, based_on: 3, rules: ids };
  };
  await open(page, `${server.origin}/admin#/governance/draft`);
  const down = page.getByRole('button', { name: 'Down: Restricted tools are not available' });
  await down.focus();
  await page.keyboard.press('Enter');
  await page.getByText('“Restricted tools are not available” is now rule 2 of 5.').waitFor();
  await page.waitForFunction('document.activeElement.getAttribute("aria-label") === "Down: Restricted tools are not available"');
  // The next change names the version that the last one made.
  await page.keyboard.press('Enter');
  await page.getByText('“Restricted tools are not available” is now rule 3 of 5.').waitFor();
  assert.deepEqual(
    inputs('policies.put_draft').map(({ version }) => version),
    [12, 13],
  );
  // At the end the button is disabled, and the focus goes to the other one.
  await page.keyboard.press('Enter');
  await page.getByText('is now rule 4 of 5.').waitFor();
  await page.waitForFunction('document.activeElement.getAttribute("aria-label") === "Down: Restricted tools are not available"');
  await page.keyboard.press('Enter');
  await page.getByText('is now rule 5 of 5.').waitFor();
  await page.waitForFunction('document.activeElement.getAttribute("aria-label") === "Up: Restricted tools are not available"');
});

test('whoever comes second with a change of the draft is told who was faster, and sees the newest', async () => {
  behaviour['policies.put_draft'] = () => {
    behaviour['policies.draft'] = () => ({ draft: { ...draft, version: 13, rules: draft.rules.slice(1) } });
    return new Refused(409, 'stale_revision', 'somebody changed the draft meanwhile', { version: 13 });
  };
  await open(page, `${server.origin}/admin#/governance/draft`);
  await page.getByRole('button', { name: 'Up: Medium risk needs the tool owner' }).click();
  await page.getByText('Ben Okafor changed the draft meanwhile').waitFor();
  await page.getByText('Nothing of yours was saved.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Up: Restricted tools are not available' }).count(), 0);
});

test('after a rule is removed the focus is with its neighbour', async () => {
  let stored = { ...draft };
  behaviour['policies.draft'] = () => ({ draft: stored });
  behaviour['policies.put_draft'] = ({ remove }) => {
    stored = { ...stored, version: 13, rules: stored.rules.filter((rule) => !(remove as string[]).includes(rule.id)) };
    return { version: 13, based_on: 3, rules: stored.rules.map(({ id }) => id) };
  };
  await open(page, `${server.origin}/admin#/governance/draft`);
  await page.getByRole('button', { name: 'More for: Medium risk needs the tool owner' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForFunction('document.activeElement.getAttribute("aria-label") === "Edit: High risk needs owner and security"');
  assert.equal(await page.getByRole('button', { name: 'Edit: Medium risk needs the tool owner' }).count(), 0);
});

test('a rule is filled in with every kind of condition, and said as a sentence meanwhile', async () => {
  await open(page, `${server.origin}/admin#/governance/draft/new`);
  await page.getByLabel(/^Name(?! of)/).fill('Pictures for designers');
  await choose('Tools', 'Midj', 'Midjourney');
  await page.getByRole('group', { name: 'Risk of the tool' }).getByLabel('medium').check();
  await page.getByRole('group', { name: 'Any of the data is' }).getByLabel('internal').check();
  await page.getByRole('group', { name: 'All of the data is' }).getByLabel('internal').check();
  await page.getByLabel('Tags of the tool').fill('pictures');
  await page.keyboard.press('Enter');
  await choose('Groups of the requester', 'Des', 'Design');
  await page.getByLabel('Longer than, in days').fill('7');
  await page.getByLabel('Catalogue').fill('The tool is in');
  await page.keyboard.press('Enter');
  await page.getByLabel('Name of the stage').fill('First look');
  await choose('Who may decide', 'Ben', 'Ben Okafor');
  await choose('Who may decide', 'owners', 'Tool owners');
  await page.getByLabel('How many must approve').fill('Several');
  await page.keyboard.press('Enter');
  await page.getByLabel('How many', { exact: false }).last().fill('2');
  await page
    .getByText(
      'When the tool is in the catalogue, the tool is Midjourney, the risk is medium, the tool is tagged “pictures”, ' +
        'the requester is in Design, any of the data is internal, all of the data is internal and the duration is longer than 7 days: ' +
        'it needs approval by 2 of Ben Okafor and the tool owners.',
    )
    .waitFor();
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByRole('heading', { level: 1, name: 'Draft of the next policy version' }).waitFor();
  assert.deepEqual(inputs('policies.put_draft'), [
    {
      version: 12,
      put: [
        {
          name: 'Pictures for designers',
          when: {
            tools: ['tool_midjourney'],
            risks: ['medium'],
            tags: ['pictures'],
            requester_groups: ['group_design'],
            any_data_class: ['internal'],
            only_data_classes: ['internal'],
            longer_than: 7,
            new_tool: false,
          },
          then: {
            kind: 'require_stages',
            stages: [{ name: 'First look', approvers: [{ person: ben.id }, 'tool_owners'], quorum: { at_least: 2 } }],
          },
        },
      ],
    },
  ]);
});

test('a rule that is opened and saved says the same, and a duplicate is a new one', async () => {
  await open(page, `${server.origin}/admin#/governance/draft/rule_high`);
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByRole('heading', { level: 1, name: 'Draft of the next policy version' }).waitFor();
  const high = draft.rules.find(({ id }) => id === 'rule_high')!;
  assert.deepEqual(inputs('policies.put_draft')[0], { version: 12, put: [high] });
  await page.getByRole('button', { name: `More for: ${high.name}` }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await page.getByRole('heading', { level: 1, name: 'New rule' }).waitFor();
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByRole('heading', { level: 1, name: 'Draft of the next policy version' }).waitFor();
  const { id: _, ...copy } = high;
  assert.deepEqual((inputs('policies.put_draft')[1] as { put: object[] }).put, [copy]);
});

test('a stage says what it does with time, and keeps it when the rule is saved', async () => {
  const stage = {
    name: 'First look',
    approvers: ['manager'],
    quorum: 'any',
    reminder_days: 2,
    escalation: { after_days: 3, approvers: ['security'] },
    timeout_days: 7,
    fallback: ['administrators'],
  };
  const rule = { ...draft.rules[2]!, then: { kind: 'require_stages', stages: [stage] } };
  behaviour['policies.draft'] = () => ({ draft: { ...draft, rules: [rule] } });
  await open(page, `${server.origin}/admin#/governance/draft/${rule.id}`);
  await page
    .getByText(
      'When the risk is medium: it needs approval by the requester’s manager (reminded every 2 days, after 3 days also by the security group ' +
        'and after 7 days by an administrator instead).',
    )
    .waitFor();
  await page.getByLabel('Time out after so many days').fill('0');
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByText('Enter a whole number from 1 to 3650.').waitFor();
  await page.getByLabel('Time out after so many days').fill('7');
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByRole('heading', { level: 1, name: 'Draft of the next policy version' }).waitFor();
  assert.deepEqual(inputs('policies.put_draft'), [{ version: 12, put: [rule] }]);
});

test('what is missing in a rule stands beside its field, which gets the focus, and nothing is sent', async () => {
  await open(page, `${server.origin}/admin#/governance/draft/new`);
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByText('Fill in “Name”.').waitFor();
  await page.getByText('Fill in “Name of the stage”.').waitFor();
  await page.getByText('Choose who may decide: one to eight.').waitFor();
  await page.waitForFunction('document.activeElement.getAttribute("aria-invalid") === "true"');
  assert.deepEqual(inputs('policies.put_draft'), []);
});

test('a form that was overtaken shows what the other says, and goes on with what was entered', async () => {
  await open(page, `${server.origin}/admin#/governance/draft/rule_low`);
  await page.getByLabel('For at most, in days').fill('45');
  behaviour['policies.put_draft'] = () => {
    const rules = draft.rules.map((rule) => (rule.id === 'rule_low' ? { ...rule, then: { kind: 'auto_approve', max_days: 10 } } : rule));
    behaviour['policies.draft'] = () => ({ draft: { ...draft, version: 13, rules } });
    delete behaviour['policies.put_draft'];
    return new Refused(409, 'stale_revision', 'somebody changed the draft meanwhile', { version: 13 });
  };
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByText('Ben Okafor changed the draft while you had this form open').waitFor();
  await page.getByText('it is approved at once, for up to 10 days in all.').waitFor();
  await page.getByRole('button', { name: 'Keep what I entered, and go on' }).click();
  await page.getByRole('button', { name: 'Save into the draft' }).click();
  await page.getByRole('heading', { level: 1, name: 'Draft of the next policy version' }).waitFor();
  const [first, second] = inputs('policies.put_draft') as { version: number; put: { then: object }[] }[];
  assert.equal(first?.version, 12);
  assert.equal(second?.version, 13);
  assert.deepEqual(second?.put[0]?.then, { kind: 'auto_approve', max_days: 45 });
});

test('unsaved changes are not lost by a link or by the browser’s arrows without a question', async () => {
  await open(page, `${server.origin}/admin#/governance/draft`);
  await page.getByRole('link', { name: 'Edit: Low risk, harmless data, up to 60 days' }).click();
  const name = page.getByLabel(/^Name(?! of)/);
  await name.fill('Other');
  await page.getByRole('navigation').getByRole('link', { name: 'Catalog' }).click();
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
  await dialog.getByRole('button', { name: 'Stay here' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.goBack();
  await dialog.getByRole('button', { name: 'Stay here' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await name.inputValue(), 'Other');
  await page.goBack();
  await dialog.getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { level: 1, name: 'Draft of the next policy version' }).waitFor();
});

test('a draft that gives more is proposed, and the dialog says so beforehand', async () => {
  await open(page, `${server.origin}/admin#/governance/draft`);
  await page.getByText('It gives more than the policy in force').waitFor();
  await page.getByText('Somebody asks for DeepL Pro (low risk), with public and internal data, for 45 days.').waitFor();
  await page.getByRole('button', { name: 'Publish' }).click();
  const dialog = page.getByRole('dialog', { name: 'Propose version 4?' });
  await dialog.getByText('a second administrator has to confirm it').waitFor();
  await dialog.getByLabel('Why, in a line').fill('Needed for longer');
  await dialog.getByRole('button', { name: 'Propose to a second administrator' }).click();
  await page.getByRole('heading', { level: 1, name: 'Governance' }).waitFor();
  assert.deepEqual(inputs('policies.publish'), [{ version: 12, note: 'Needed for longer' }]);
  // Whoever confirms sees what changes.
  await page.getByRole('button', { name: 'Confirm: Publish the draft as the next policy version' }).click();
  await page.getByRole('dialog').getByText('Before, it was called “Low risk, harmless data, up to 30 days”.').waitFor();
});

test('a draft with an error cannot be published from its page', async () => {
  behaviour['policies.lint'] = () => ({ ...lint, findings: [{ ...lint.findings[0], severity: 'error' }] });
  await open(page, `${server.origin}/admin#/governance/draft`);
  await page.getByText('A draft with an error cannot be published.').waitFor();
  await page.getByRole('button', { name: 'Publish' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Lint finds an error.').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Propose to a second administrator' }).isDisabled(), true);
});

test('the past is tried part by part, and what would differ can be narrowed and followed', async () => {
  await open(page, `${server.origin}/admin#/governance/draft`);
  await page.getByRole('tab', { name: 'Try it on the past' }).click();
  await page.getByLabel('Requests of how many days back').fill('0');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByText('Enter a whole number from 1 to 3650.').waitFor();
  await page.getByLabel('Requests of how many days back').fill('30');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByText('584 requests tried').waitFor();
  await page.getByText('4 would fare differently').waitFor();
  assert.deepEqual(
    inputs('policies.back_test').map(({ days, after }) => [days, after]),
    [
      [30, undefined],
      [30, 'more'],
    ],
  );
  await page.getByLabel('Show').fill('Another duration');
  await page.keyboard.press('Enter');
  await page.getByText('1 of 1 shown').waitFor();
  assert.equal(await page.getByRole('link', { name: 'DeepL Pro, 20 days' }).getAttribute('href'), '#/requests/req_3');
});

test('replay says how far it is and that nothing differs, or what does', async () => {
  await open(page, `${server.origin}/admin#/governance`);
  await page.getByRole('button', { name: 'Compute all again' }).click();
  await page.getByText('All 584 decisions come out as they did').waitFor();
  behaviour['policies.replay'] = () => ({
    requests: 1,
    tool_proposals: 0,
    emergencies: 0,
    renewals: 1,
    differences: [
      { request: 'req_1', policy_version: 2, differs: 'stages' },
      { review: 'review_1', policy_version: 2, differs: 'automatic_decision' },
    ],
    next: null,
  });
  await page.getByRole('button', { name: 'Compute all again' }).click();
  await page.getByText('2 decisions come out differently').waitFor();
  await page.getByText('its stages are not those demanded').waitFor();
  await page.getByText('Renewal by review review_1').waitFor();
});

test('a draft leaves as a file, and a file becomes the draft', async () => {
  await open(page, `${server.origin}/admin#/governance/draft`);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as a file' }).click();
  const path = await (await saving).path();
  const text = readFileSync(path, 'utf8');
  assert.match(text, /^# Draft of the next policy version\./);
  assert.match(text, /- tool_deepl # DeepL Pro\n/);
  await page.getByRole('button', { name: 'Import a file' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a file the draft' });
  const give = (content: string) =>
    dialog.getByLabel('Policy file').setInputFiles({ name: 'p.yaml', mimeType: 'text/yaml', buffer: Buffer.from(content) });
  await give('a: [1');
  await dialog.getByRole('button', { name: 'Replace the draft' }).click();
  await dialog.getByText('This file cannot be read as a policy:').waitFor();
  await give('rule: 1');
  await dialog.getByRole('button', { name: 'Replace the draft' }).click();
  await dialog.getByText('it has no list of “rules”.').waitFor();
  assert.deepEqual(inputs('policies.put_draft'), []);
  await give(text);
  await dialog.getByRole('button', { name: 'Replace the draft' }).click();
  await page.getByText('The draft has the 5 rules of the file').waitFor();
  assert.deepEqual(inputs('policies.put_draft'), [{ version: 12, replace: true, put: draft.rules }]);
});

test('an auditor reads the draft and its problems, and is offered no change', async () => {
  role = 'auditor';
  await open(page, `${server.origin}/admin#/governance/draft`);
  await page.getByText('It gives more than the policy in force').waitFor();
  await page.getByText('For example: Somebody asks for DeepL Pro (low risk) tagged “translation”').waitFor();
  for (const name of [/^Publish/, /^Edit/, /^Up/, /^Discard/, /^Import/, /^Add a rule/]) {
    assert.equal(await page.getByRole('button', { name }).or(page.getByRole('link', { name })).count(), 0, String(name));
  }
  await page.getByRole('tab', { name: 'What changes' }).click();
  await page.getByText('Before, it was called').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Undo/ }).count(), 0);
});

test('an explanation is reached from a person, and can be had as data', async () => {
  await open(page, `${server.origin}/admin#/people`);
  await page.getByRole('link', { name: 'Why Ada Mbeki has or lacks a tool' }).click();
  await page.getByRole('heading', { level: 1, name: 'Why somebody has, lacks or lost a tool' }).waitFor();
  await choose('Tool', 'Chat', 'ChatGPT Business');
  const approved = page.getByRole('listitem').filter({ hasText: 'Ben Okafor approved the stage “Tool owner”.' });
  await approved.waitFor();
  await page.getByText('The same as data (JSON)').click();
  assert.match(await page.getByRole('textbox', { name: 'The same as data (JSON)' }).inputValue(), /"standing": "has"/);
  await page.reload();
  await approved.waitFor();
});

/** Types into a field that finds things, and takes what it finds. */
async function choose(label: string, typed: string, option: string): Promise<void> {
  const field = page.getByLabel(label, { exact: false }).and(page.getByRole('combobox')).first();
  await field.fill(typed);
  await page.getByRole('option', { name: option }).first().click();
}
