// Jira and its service management, through the bundle: from the portal's panel to the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Issue } from '../../jira/site.ts';
import { asked, Caller, Company, DAY, MINUTE } from './company.ts';

/** What the panel does, and then the portal: a draft, whose id and hash are the issue's property. */
async function fromThePortal(company: Company, drafter: Caller, tool: string, over: { reporter?: string; creator?: string } = {}): Promise<Issue> {
  const { draft, hash } = await company.as(drafter.account, 'portal-create').ok('intake.draft', asked(tool));
  return issueWith(company, { draft, hash }, { reporter: drafter.account, ...over });
}

async function issueWith(company: Company, property: unknown, people: { reporter: string; creator?: string }): Promise<Issue> {
  const issue = company.site.jira.issue('HELP', { summary: 'Access', ...people, properties: { clearance: property } });
  company.platform.tellIssue(company.site, 'created', issue);
  await company.settle();
  return issue;
}

const settle = async (company: Company): Promise<void> => {
  await company.settle();
  await company.skip(MINUTE);
};
const agent = (company: Company, issue: Issue): Caller => company.as('owen', 'issue', { issue: { id: issue.id, key: issue.key } });
const texts = ({ comments }: Issue): string[] => comments.map(({ body }) => (body as any).content.map((paragraph: any) => paragraph.content[0]?.text ?? '').join('\n'));

test('a customer asks on the portal, and the issue shows what comes of it, until access is given back', async () => {
  const company = await Company.open();
  const { carl, owen, ada, site } = company;
  const tool = await company.tool('Code agent', { risk: 'medium' });
  await ada.ok('settings.put', { jira: { comments: 'public', transitions: { active: '31' } } });
  const issue = await fromThePortal(company, carl, tool);
  assert.deepEqual(Object.keys(issue.properties.get('clearance') as object), ['draft', 'hash'], 'the issue holds no more');
  const panel = company.as('carl', 'portal-detail');
  const shown = await panel.ok('issues.get', { issue: issue.id });
  assert.deepEqual([shown.request.state, shown.request.source, shown.who_can_act], ['pending', 'portal', ['Tool owners']]);
  const summary = await agent(company, issue).ok('issues.get', { issue: issue.id });
  assert.equal(summary.summary.tool.name, 'Code agent');
  // Native approval and status decide nothing, and are seen to say something else.
  issue.approvals.push({ id: '1', name: 'Manager', finalDecision: 'approved' });
  site.jira.transition(issue, '31');
  company.platform.tellIssue(site, 'updated', issue);
  await settle(company);
  assert.equal((await panel.ok('issues.get', { issue: issue.id })).native.mismatch, 'approved_there_only');
  const verdict = async () => (await company.platform.invoke(site, { function: 'may-complete', body: { issue: { id: issue.id } }, moduleKey: 'settled', moduleType: 'jira:workflowValidator' })) as any;
  assert.equal((await verdict()).returned.result, false);
  site.jira.transition(issue, '21');
  await owen.ok('approvals.decide', { request: shown.request.id, decision: 'approve', rationale: 'Needed for the orchestra' });
  await settle(company);
  assert.equal((await verdict()).returned.result, true);
  assert.equal(issue.status.name, 'Done');
  const said = texts(issue).join('\n');
  assert.match(said, /Code agent/);
  for (const secret of ['marimba', 'orchestra']) assert.ok(!said.includes(secret), said);
  assert.ok(issue.comments.every(({ internal, author }) => !internal && author === 'app'));
  // In the menu of the portal: my access, more of it, and back.
  const { items } = await carl.ok('grants.list', { person: 'me' });
  assert.equal(items[0].state, 'active');
  await carl.ok('grants.extend', { grant: items[0].id, days: 3 });
  await carl.ok('grants.give_back', { grant: items[0].id });
  assert.equal((await panel.ok('issues.get', { issue: issue.id })).grant.state, 'ended');
  await company.verified();
});

test('a property that is not what the panel wrote asks for nothing', async () => {
  const company = await Company.open();
  const { carl, ada } = company;
  const eve = company.as('eve', 'portal-access');
  const tool = await company.tool('Note taker');
  await eve.ok('catalog.list');
  // Somebody else's draft, in an issue of one's own: nobody's request, and nothing of it is shown.
  const stolen = await company.as('carl', 'portal-create').ok('intake.draft', asked(tool));
  const issue = await issueWith(company, { draft: stolen.draft, hash: stolen.hash }, { reporter: 'eve' });
  const shown = await company.as('eve', 'portal-detail').ok('issues.get', { issue: issue.id });
  assert.deepEqual([shown.request, shown.confirmation.reason.why], [null, 'draft_gone']);
  assert.ok(!JSON.stringify(shown).includes('marimba'));
  await company.as('eve', 'portal-detail').refused('draft_gone', 'intake.confirm', { issue: issue.id });
  // Made by an agent for somebody: it waits for whom it names, and for nobody else.
  const made = await fromThePortal(company, company.as('owen', 'portal-create'), tool, { reporter: 'carl', creator: 'owen' });
  await eve.refused('not_found', 'intake.confirm', { issue: made.id });
  assert.deepEqual((await carl.ok('requests.list')).items, []);
  await company.as('carl', 'portal-detail').ok('intake.confirm', { issue: made.id });
  assert.equal((await carl.ok('requests.list')).items.length, 1);
  // Shapes that no panel writes.
  const size = await company.verified();
  const wrong = [null, 7, 'text', [], {}, { draft: 1, hash: 2 }, { draft: 'x'.repeat(65), hash: 'y' }, { draft: stolen.draft }, { operation: 'requests.submit' }];
  for (const property of wrong) {
    const other = await issueWith(company, property, { reporter: 'eve' });
    await company.as('eve', 'portal-detail').refused('not_found', 'issues.get', { issue: other.id });
  }
  assert.equal(await company.verified(), size + 1, 'and nothing but the verification was logged');
  // Later edits are not looked at.
  const fresh = await company.as('eve', 'portal-create').ok('intake.draft', asked(tool));
  made.properties.set('clearance', { draft: fresh.draft, hash: fresh.hash });
  company.platform.tellIssue(company.site, 'updated', made);
  company.platform.tellIssue(company.site, 'created', made);
  await settle(company);
  assert.equal((await ada.ok('requests.list')).items.length, 1);
});

test('events late and twice make one request, in whatever order', async () => {
  const company = await Company.open();
  const { carl, ada, site } = company;
  const tool = await company.tool('Code agent', { risk: 'medium' });
  site.duplicateEvents = true;
  site.eventDelay = 2 * MINUTE;
  const issue = await fromThePortal(company, carl, tool);
  site.eventDelay = 0;
  company.platform.tellIssue(site, 'updated', issue);
  await company.skip(3 * MINUTE);
  assert.equal((await ada.ok('requests.list')).items.length, 1);
  // Jira does not answer: the event comes again.
  site.faults.add('jira/issue', 'unavailable', { times: 2 });
  const second = await fromThePortal(company, company.as('eve', 'portal-create'), tool);
  for (let minute = 0; minute < 4; minute += 1) await company.skip(MINUTE);
  assert.equal((await company.as('eve', 'portal-detail').ok('issues.get', { issue: second.id })).request.state, 'pending');
  site.jira.issues.delete(issue.id);
  company.platform.tellIssue(site, 'deleted', issue);
  await settle(company);
  const { items } = await carl.ok('requests.list');
  assert.deepEqual(items.map(({ state }: { state: string }) => state), ['cancelled']);
  await company.verified();
});

test('a closed issue ends access where that is switched on, and not elsewhere', async () => {
  const company = await Company.open();
  const { carl, ada, site } = company;
  const tool = await company.tool('Note taker');
  const issue = await fromThePortal(company, carl, tool);
  const close = async () => {
    site.jira.transition(issue, '21');
    company.platform.tellIssue(site, 'updated', issue);
    site.jira.transition(issue, '31');
    company.platform.tellIssue(site, 'updated', issue);
    await settle(company);
    return (await carl.ok('grants.list')).items[0].state;
  };
  assert.equal(await close(), 'active');
  await ada.ok('settings.put', { jira: { end_on_close: true } });
  assert.equal(await close(), 'ended');
});

test('who is deleted, or reported as closed, is erased with every trace', async () => {
  const company = await Company.open();
  const { carl, site } = company;
  const eve = company.as('eve', 'portal-access');
  const tool = await company.tool('Note taker');
  const issue = await fromThePortal(company, carl, tool);
  await eve.ok('requests.submit', asked(tool));
  company.platform.tell(site, 'avi:jira:deleted:user', { user: { accountId: 'carl' } });
  site.jira.closedAccounts.add('eve');
  for (const wait of [0, MINUTE, 8 * DAY, MINUTE, 6 * MINUTE, 6 * MINUTE]) await company.skip(wait);
  // What was removed leaves its key behind for a day.
  for (const wait of [DAY, DAY]) await company.skip(wait);
  const stored = site.storage.dump();
  for (const trace of ['Carl Customer', '"carl"', 'Eve Elsewhere', '"eve"', 'marimba', issue.id]) assert.ok(!stored.includes(trace), trace);
  assert.deepEqual(site.jira.reports.flat().map(({ accountId }) => accountId).sort().filter((id) => id === 'carl'), []);
  assert.ok(site.jira.reports.flat().some(({ accountId }) => accountId === 'eve'));
  assert.ok(site.jira.reports.every((report) => report.length <= 90));
  await company.verified();
});

test('a hundred accounts are reported in portions that the platform takes', async () => {
  const company = await Company.open();
  const { site } = company;
  for (let number = 0; number < 100; number += 1) {
    site.jira.account(`customer-${number}`, `Customer ${number}`, { accountType: 'customer' });
    await company.as(`customer-${number}`, 'portal-access').ok('catalog.list');
  }
  await company.skip(8 * DAY);
  for (let round = 0; round < 3; round += 1) await company.skip(2 * MINUTE);
  const reported = new Set(site.jira.reports.flat().map(({ accountId }) => accountId));
  assert.ok(reported.size >= 100, String(reported.size));
  assert.ok(site.jira.reports.every((report) => report.length <= 90));
});

test('a lapsed licence stops what is new, never what must end', async () => {
  const company = await Company.open();
  const { carl, owen, site } = company;
  const [tool, seat] = [await company.tool('Note taker'), await company.tool('Seat', { fulfilment: { kind: 'manual' } })];
  await carl.ok('requests.submit', asked(tool, 2));
  const { grant } = await carl.ok('requests.submit', asked(seat, 2));
  await owen.ok('grants.attest', { grant: grant.id });
  site.licensed = false;
  await carl.refused('app_unlicensed', 'requests.submit', asked(tool));
  await company.as('carl', 'portal-create').refused('app_unlicensed', 'intake.draft', asked(tool));
  await company.skip(3 * DAY);
  await owen.ok('grants.attest', { grant: grant.id });
  const states = (await carl.ok('grants.list')).items.map(({ state }: { state: string }) => state);
  assert.deepEqual(states, ['ended', 'ended']);
});

for (const ends of [true, false]) {
  test(`before the app goes, access ${ends ? 'ends' : 'is listed'}`, async () => {
    const company = await Company.open();
    const { carl, ada, site, platform } = company;
    await carl.ok('requests.submit', asked(await company.tool('Note taker')));
    await carl.ok('requests.submit', asked(await company.tool('Seat', { fulfilment: { kind: 'manual' } })));
    await ada.ok('settings.put', { jira: { end_on_uninstall: ends } });
    const { items } = await ada.ok('grants.list');
    assert.equal(items.length, 2, 'the list to take along');
    await platform.uninstall(site);
    assert.deepEqual(platform.failures, []);
    platform.installations.push(site);
    const states = (await carl.ok('grants.list')).items.map(({ state }: { state: string }) => state).sort();
    assert.deepEqual(states, ends ? ['ended', 'ended'] : ['active', 'awaiting_provisioning']);
    assert.ok((await company.kinds()).some((kind) => kind.includes('uninstall')));
  });
}
