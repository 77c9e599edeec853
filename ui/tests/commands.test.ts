import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type OpenPage, openPage } from './browser.ts';
import { open } from './checks.ts';
import { mockApi, Refused } from './mock/api.ts';
import { ada, ben, chloe, requests } from './mock/company.ts';
import { proof } from './mock/log.ts';
import { type Api, serve } from './server.ts';

interface Sent {
  operation: string;
  body: Record<string, unknown>;
  key: string | undefined;
  csrf: string | undefined;
}

let opened: OpenPage;
let page: Page;
let server: Awaited<ReturnType<typeof serve>>;
let sent: Sent[] = [];
let behaviour: Record<string, (input: Record<string, unknown>) => unknown> = {};

/** The mock, with every command noted and some answers replaced by the test. */
const noting: Api = {
  answer(path, method, body, headers) {
    const operation = path.replace('/api/v1/', '');
    sent.push({
      operation,
      body: body as Record<string, unknown>,
      key: headers['idempotency-key'] as string | undefined,
      csrf: headers['x-clearance-csrf'] as string | undefined,
    });
    return mockApi(behaviour).answer(path, method, body, headers);
  },
};

const commands = (operation: string) => sent.filter((each) => each.operation === operation);

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
});

async function fillInRequest(): Promise<void> {
  await open(page, `${server.origin}/app#/tools/tool_copilot/request`);
  await page.getByLabel('Purpose').fill('Refactor the importer');
  await page.getByLabel(/^Internal/).check();
  await page.getByLabel(/I have read the usage policy/).check();
}

test('a request goes out once, with its key and the header against forgery, however often one clicks', async () => {
  behaviour['requests.submit'] = () => new Promise((done) => setTimeout(() => done({ request: requests[0] }), 300));
  await fillInRequest();
  await page.getByRole('button', { name: 'Send the request' }).dblclick();
  await page.getByRole('heading', { level: 1, name: 'Request for ChatGPT Business' }).waitFor();
  const [only, ...more] = commands('requests.submit');
  assert.deepEqual(more, []);
  assert.deepEqual(only?.body, {
    tool: 'tool_copilot',
    purpose: 'Refactor the importer',
    data_classes: ['internal'],
    days: 30,
    acknowledged: 2,
  });
  assert.match(only?.key ?? '', /^[0-9a-f]{32}$/);
  assert.equal(only?.csrf, '1');
});

test('an attempt without an answer is repeated under its key; after a refusal the key is new', async () => {
  behaviour['requests.submit'] = () => new Refused(503, 'unavailable', 'not now');
  await fillInRequest();
  const send = page.getByRole('button', { name: 'Send the request' });
  await send.click();
  await page.getByText('The program cannot answer now.').waitFor();
  behaviour['requests.submit'] = () => new Refused(409, 'duplicate_request', 'you already have an open request for this tool');
  await send.click();
  await page.getByText('You already have an open request for this tool.').waitFor();
  await send.click();
  while (commands('requests.submit').length < 3) await page.waitForTimeout(10);
  const [first, second, third] = commands('requests.submit').map(({ key }) => key);
  assert.equal(first, second);
  assert.notEqual(second, third);
});

test('the form says what is missing and sends nothing', async () => {
  await open(page, `${server.origin}/app#/tools/tool_copilot/request`);
  await page.getByLabel('For how many days?').fill('91');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.getByText('Fill in “Purpose”.').waitFor();
  await page.getByText('Tick at least one under “Kinds of data”.').waitFor();
  await page.getByText('Enter a whole number from 1 to 90.').waitFor();
  await page.getByText('Tick this after reading the usage policy above.').waitFor();
  assert.deepEqual(commands('requests.submit'), []);
});

test('what the server says about a field stands beside the field', async () => {
  behaviour['catalog.put'] = () =>
    new Refused(400, 'malformed_input', '`url` must be a web address that begins with `https://`', { field: 'url' });
  await open(page, `${server.origin}/admin#/catalog/tool_copilot`);
  await page.getByLabel('Website address').fill('nonsense');
  await page.getByRole('button', { name: 'Save the tool' }).click();
  await page.getByText('This must be a web address that begins with `https://`.').waitFor();
  assert.equal(await page.getByLabel('Website address').getAttribute('aria-invalid'), 'true');
});

test('what needs a recent sign-in asks for the password and then goes on under the same key', async () => {
  let recent = false;
  behaviour['people.put'] = () => (recent ? { person: {} } : new Refused(403, 'sign_in_required', 'sign in again'));
  await open(page, `${server.origin}/admin#/people`);
  await page.getByRole('button', { name: 'Add a person' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Eve');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.getByLabel('Password').fill('correct horse battery staple');
  recent = true;
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Eve is saved').waitFor();
  assert.deepEqual(sent.find(({ operation }) => operation === '/session/sign-in')?.body, {
    email: 'ada@example.com',
    password: 'correct horse battery staple',
  });
  const [first, second] = commands('people.put');
  assert.equal(first?.key, second?.key);
});

test('several requests are decided together, and those that could not be are named', async () => {
  await open(page, `${server.origin}/app#/approvals`);
  await page.getByRole('checkbox', { name: 'Select the request of Ben Okafor for ChatGPT Business' }).check();
  await page.getByRole('checkbox', { name: 'Select the request of Ada Mbeki for ChatGPT Business' }).first().check();
  await page.getByRole('button', { name: 'Approve selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve 2 requests?' });
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.getByText('Nobody decides their own request.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await dialog.waitFor({ state: 'detached' });
});

test('a dialog takes the focus, closes with Escape and gives the focus back', async () => {
  await open(page, `${server.origin}/app#/my-access`);
  const giveBack = page.getByRole('button', { name: 'Give back the access to ChatGPT Business' });
  await giveBack.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.waitForFunction('document.activeElement.closest("[role=dialog]") !== null');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForFunction('document.activeElement.getAttribute("aria-label") === "Give back the access to ChatGPT Business"');
});

test('an answer that nobody is signed in leads to sign-in, with the way back', async () => {
  await open(page, `${server.origin}/app#/my-access`);
  let out = true;
  behaviour['catalog.list'] = () => (out ? new Refused(401, 'not_signed_in', 'nobody is signed in') : { items: [], next: null });
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/sign-in');
  const away = page.waitForEvent('framenavigated', (frame) => new URL(frame.url()).pathname === '/sign-in');
  await page.getByRole('navigation').getByRole('link', { name: 'Approved tools' }).click();
  assert.equal(new URL((await asked).url()).searchParams.get('return_to'), '/app#/tools');
  // The mock still knows who is signed in, so the sign-in page sends the browser straight back.
  out = false;
  // The address is that of the way back before the browser leaves, too.
  await away;
  await page.waitForURL('**/app#/tools');
  await page.waitForLoadState('networkidle');
});

test('verification says how far it is and what came of it', async () => {
  let calls = 0;
  behaviour['audit.verify'] = () => {
    calls += 1;
    const part = { size: 300, root: 'ab'.repeat(32) };
    if (calls < 3) return { ...part, ok: null, verified: calls * 100, next: { ...part, verified: calls * 100, hashes: [] } };
    return { ...part, ok: false, verified: 250, problem: 'entry 250: its bytes do not give its leaf hash' };
  };
  await open(page, `${server.origin}/admin#/log`);
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByText('The log does not verify').waitFor();
  await page.getByText('entry 250: its bytes do not give its leaf hash').waitFor();
  assert.equal(calls, 3);
});

test('what the log is narrowed to stands in the address and goes to the server', async () => {
  await open(page, `${server.origin}/admin#/log?family=grant&from=2026-11-01&until=2026-11-23&family=nonsense`);
  await page.getByLabel('By or about').click();
  await page.getByRole('option', { name: 'Ben Okafor' }).click();
  await page.getByLabel('Id of a request').fill('req_01kb');
  await page.getByText('An id looks like').waitFor();
  await page.getByLabel('Id of a request').fill('req_01kb2m9x7c4d5e6f7g8h9j0k1m');
  await page.waitForFunction('location.hash.includes("about=req_01kb2m9x7c4d5e6f7g8h9j0k1m")');
  await page.waitForLoadState('networkidle');
  assert.deepEqual(commands('audit.entries').at(-1)?.body, {
    newest_first: true,
    limit: 50,
    families: ['grant'],
    person: ben.id,
    about: 'req_01kb2m9x7c4d5e6f7g8h9j0k1m',
    from: '2026-10-31T23:00:00.000Z',
    until: '2026-11-23T23:00:00.000Z',
  });
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.waitForFunction('location.hash === "#/log"');
  assert.equal(await page.getByLabel('Id of a request').inputValue(), '');
});

test('a search goes on through parts of the log that hold nothing', async () => {
  let parts = 0;
  behaviour['audit.entries'] = () => {
    parts += 1;
    return { items: [], next: parts < 4 ? String(9 - parts) : null };
  };
  await open(page, `${server.origin}/admin#/log?family=policy`);
  await page.getByText('No entry matches').waitFor();
  assert.deepEqual(
    commands('audit.entries').map(({ body }) => body.after),
    [undefined, '8', '7', '6'],
  );
});

test('the browser proves an entry, and says so when the proof was tampered with', async () => {
  await open(page, `${server.origin}/admin#/log`);
  await page.getByRole('button', { name: 'Details of entry 119' }).click();
  await page.getByText('Proved to be in the checkpoint of 120 entries').waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the proof' }).click();
  assert.equal((await saved).suggestedFilename(), 'entry-119.tlog-proof');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Details of entry 120' }).click();
  await page.getByText('No checkpoint covers this entry yet').waitFor();
  behaviour['audit.proof'] = (input) => {
    const whole = proof(input as Parameters<typeof proof>[0]);
    return { ...whole, hashes: whole.hashes.map((hash, place) => (place === 2 ? '0'.repeat(64) : hash)) };
  };
  await open(page, `${server.origin}/admin#/log`);
  await page.getByRole('button', { name: 'Details of entry 118' }).click();
  await page.getByText('This entry is not proved').waitFor();
  await page.getByText('The proof leads to another root than the checkpoint was signed for.').waitFor();
});

test('a refusal for too much says when to come back, in the time zone of the person', async () => {
  behaviour['tokens.create'] = () =>
    new Refused(429, 'rate_limited', 'that is too much', { retry_after: 3000, retry_at: '2026-11-23T19:05:00.000Z' });
  await open(page, `${server.origin}/app#/tokens`);
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make a token' }).click();
  await page.getByText('Come back at 23 Nov 2026, 20:05 GMT+1.').waitFor();
});

test('a token is shown once', async () => {
  await open(page, `${server.origin}/app#/tokens`);
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make a token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your new token' });
  assert.match(await dialog.getByLabel('Token', { exact: true }).inputValue(), /^clr_/);
  assert.deepEqual(commands('tokens.create')[0]?.body, { scope: 'read', days: 90 });
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await dialog.waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes('clr_0123'));
});

test('nobody is erased before it was understood, and then what it waits for is shown', async () => {
  await open(page, `${server.origin}/admin#/people`);
  await page.getByRole('button', { name: 'Erase Ben Okafor' }).click();
  const submit = page.getByRole('dialog').getByRole('button', { name: 'Erase for good' });
  await submit.click();
  await page.getByText('Tick this first.').waitFor();
  assert.deepEqual(commands('people.erase'), []);
  await page.getByLabel('I understand that this cannot be undone').check();
  await submit.click();
  await page.getByRole('dialog', { name: 'Erasure of Ben Okafor' }).waitFor();
  await page.getByText('a tool owner or an administrator has to confirm that the seat is gone').waitFor();
  assert.deepEqual(commands('people.erase')[0]?.body, { person: ben.id });
});

test('settings send what was changed and nothing else', async () => {
  await open(page, `${server.origin}/admin#/settings`);
  await page.getByLabel('Erasing people, at once').fill('5');
  await page.getByLabel('Texts of requests').fill('400');
  await page.getByRole('button', { name: 'Save the settings' }).click();
  await page.getByText('The settings are saved').waitFor();
  assert.deepEqual(commands('settings.put')[0]?.body, {
    limits: { erasure: { per_hour: 30, burst: 5 } },
    retention: { request_texts: 400 },
  });
});

test('who reviews, and how long that may wait, are settings', async () => {
  await open(page, `${server.origin}/admin#/settings`);
  await page.getByLabel('How often a review may be put off').fill('2');
  await page.getByLabel('Who reviews access to tools of risk low').fill('Chlo');
  await page.getByRole('option', { name: 'Chloé Dubois' }).click();
  await page.getByRole('button', { name: 'Save the settings' }).click();
  await page.getByText('The settings are saved').waitFor();
  assert.deepEqual(commands('settings.put')[0]?.body, {
    reviews: {
      reviewers: { high: 'security', low: { person: chloe.id } },
      postponements: 2,
      postponement_days: 7,
      burst_grants: 100,
      burst_days: 7,
    },
  });
});

test('who took part in a request downloads a receipt of it', async () => {
  await open(page, `${server.origin}/app#/requests/req_3`);
  await page.getByRole('button', { name: 'Receipt' }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the receipt: Request submitted, entry 96' }).click();
  assert.equal((await saved).suggestedFilename(), 'req_3-96.tlog-proof');
  assert.notEqual(requests[0]!.requester.id, ada.id);
  await open(page, `${server.origin}/app#/requests/req_1`);
  assert.equal(await page.getByRole('button', { name: 'Receipt' }).count(), 0);
});

test('an evidence pack is made of what was chosen, and then downloaded', async () => {
  await open(page, `${server.origin}/admin#/log?from=2026-11-01`);
  await page.getByRole('button', { name: 'Export evidence' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make the pack' }).click();
  await dialog.getByText('Fill in “Until”.').waitFor();
  await dialog.getByLabel('Until').fill('2026-11-23');
  await dialog.getByRole('button', { name: 'Make the pack' }).click();
  const download = dialog.getByRole('link', { name: 'Download' });
  assert.equal(await download.getAttribute('href'), '/api/v1/exports/export_01kb2m9x7c4d5e6f7g8h9j0k1m');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('button', { name: 'Export evidence' }).click();
  await dialog.getByLabel('Evidence of').click();
  await page.getByRole('option', { name: 'A tool' }).click();
  await dialog.getByLabel('A tool').click();
  await page.getByRole('option', { name: 'DeepL Pro' }).click();
  await dialog.getByRole('button', { name: 'Make the pack' }).click();
  await download.waitFor();
  assert.deepEqual(
    commands('evidence.export').map(({ body }) => body),
    [{ scope: { period: { from: '2026-10-31T23:00:00.000Z', to: '2026-11-23T23:00:00.000Z' } } }, { scope: { tool: 'tool_deepl' } }],
  );
});

test('the page of an access offers evidence of it to whoever administers', async () => {
  await open(page, `${server.origin}/app#/access/grant_1`);
  assert.equal(await page.getByRole('button', { name: 'Export evidence' }).count(), 0);
  await open(page, `${server.origin}/admin#/access/grant_1`);
  await page.getByRole('button', { name: 'Export evidence' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('Id of the access').inputValue(), 'grant_1');
  await dialog.getByRole('button', { name: 'Make the pack' }).click();
  await dialog.getByText('An id of an access looks like').waitFor();
  assert.deepEqual(commands('evidence.export'), []);
});

test('several findings are decided alike, and those that could not be are named', async () => {
  await open(page, `${server.origin}/admin#/drift`);
  await page.getByRole('checkbox', { name: /^Select: In the group without approval, Ben Okafor/ }).check();
  await page.getByRole('checkbox', { name: /^Select: Unknown account in the group/ }).check();
  await page.getByRole('group').getByRole('button', { name: 'Remove from the group' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Left by mistake');
  await dialog.getByRole('button', { name: 'Remove from the group' }).click();
  await page.getByText(/^Ben Okafor, ChatGPT Business: This is about your own account/).waitFor();
  assert.deepEqual(commands('drift.dispose_many')[0]?.body, {
    findings: ['find_1', 'find_3'],
    disposition: { kind: 'removal', reason: 'Left by mistake' },
  });
});

test('that somebody answers for findings waits for a second administrator', async () => {
  await open(page, `${server.origin}/admin#/drift`);
  await page.getByText('Let Chloé Dubois answer for 2 members of groups of ChatGPT Business').first().waitFor();
  await page
    .getByRole('button', { name: /^Let stand for a time: account ending in/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Another administrator has to agree.').waitFor();
  await dialog.getByLabel('Reason').fill('A service account');
  await dialog.getByLabel('Who answers for it').fill('Chlo');
  await page.getByRole('option', { name: 'Chloé Dubois' }).click();
  await dialog.getByRole('button', { name: 'Let stand for a time' }).click();
  await page.getByText('It waits for a second administrator').waitFor();
});

test('an import shows what would change, hundred by hundred, and applies exactly that', async () => {
  await open(page, `${server.origin}/admin#/connectors/conn_acme/import`);
  const rows = Array.from({ length: 150 }, (_, row) => `p${row}@example.com,account${row}`);
  const buffer = Buffer.from(['person,account', ...rows].join('\n'));
  await page.getByLabel('CSV file', { exact: true }).last().setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'See what would change' }).click();
  await page.getByText(/^37 new, 38 replaced, 38 as they are, 37 with a problem/).waitFor();
  await page.getByRole('button', { name: 'Apply these changes' }).click();
  await page.getByText('75 mappings are entered.').waitFor();
  const calls = commands('identities.import');
  assert.deepEqual(
    calls.map(({ body }) => [(body.rows as unknown[]).length, body.digest === undefined ? 'look' : 'apply']),
    [
      [100, 'look'],
      [50, 'look'],
      [100, 'apply'],
      [50, 'apply'],
    ],
  );
  assert.deepEqual(
    calls.map(({ key }) => key !== undefined),
    [false, false, true, true],
  );
});

test('a stored secret is not asked for again, unless it would go somewhere else', async () => {
  await open(page, `${server.origin}/admin#/connectors/conn_new/edit`);
  await page.getByText('Leave empty to keep the one that is stored.').waitFor();
  await page.getByLabel('Host of the Okta org').fill('other.okta.com');
  await page.getByText('Needed again: the stored one belongs to what you just changed').waitFor();
  await page.getByRole('button', { name: 'Save the connector' }).click();
  await page.getByText('Fill in “API token”.').waitFor();
  assert.deepEqual(commands('connectors.put'), []);
  await page.getByLabel('Host of the Okta org').fill('acme.oktapreview.com');
  await page.getByLabel('Name').fill('Renamed');
  await page.getByRole('button', { name: 'Save the connector' }).click();
  await page.getByText('Acme workforce is saved').waitFor();
  assert.deepEqual(commands('connectors.put')[0]?.body, {
    connector: 'conn_new',
    version: 1,
    name: 'Renamed',
    provider: { kind: 'okta', host: 'acme.oktapreview.com', credential: { kind: 'api_token' } },
  });
});

test('a seat that is kept is accepted, and a place in the waiting list given up', async () => {
  await open(page, `${server.origin}/app#/requests/req_7`);
  await page.getByText('number 3 in the waiting list').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Accept the seat' }).count(), 0, 'nothing is kept yet');
  await page.getByRole('button', { name: 'Give it up' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Give it up' }).click();
  await page.getByText('You left the waiting list').waitFor();
  await open(page, `${server.origin}/app#/requests/req_8`);
  await page.getByText('A seat is kept until').waitFor();
  await page.getByRole('button', { name: 'Accept the seat' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Accept the seat' }).click();
  await page.getByText('The seat is yours').waitFor();
  assert.deepEqual(
    commands('seats.decline').map(({ body }) => body),
    [{ request: 'req_7' }],
  );
  assert.deepEqual(
    commands('seats.accept').map(({ body }) => body),
    [{ request: 'req_8' }],
  );
});

test('a tool that is known is pointed at, and may be another one at the same address', async () => {
  const known = { tool: 'tool_chat', known_by: 'address' };
  behaviour['tool_proposals.submit'] = ({ other_than }) =>
    (other_than as string[]).includes('tool_chat')
      ? { proposal: { id: 'tprop_1', state: 'proposed' }, questions: [] }
      : new Refused(409, 'tool_known', 'ChatGPT Business is in the catalogue and found at the same address', known);
  await open(page, `${server.origin}/app#/proposed-tools/new`);
  await page.getByLabel('Name').fill('Minute Maker');
  await page.getByLabel('The vendor’s page about it').fill('https://minutes.example');
  await page.getByLabel('What for').fill('Sum up meetings');
  await page.getByLabel(/^Internal/).check();
  await page.getByRole('button', { name: 'Propose it' }).click();
  await page.getByRole('link', { name: 'See this tool' }).waitFor();
  await page.getByRole('button', { name: 'It is another tool at the same address' }).click();
  await page.getByRole('button', { name: 'Propose it' }).click();
  await page.getByRole('heading', { level: 1, name: 'Proposed tool: Minute Maker' }).waitFor();
  assert.deepEqual(
    commands('tool_proposals.submit').map(({ body }) => body.other_than),
    [[], ['tool_chat']],
  );
});

test('emergency access says what follows, and its note and review are written', async () => {
  await open(page, `${server.origin}/app#/tools/tool_deepl`);
  await page.getByRole('button', { name: 'Emergency access' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('you write down afterwards').waitFor();
  await dialog.getByRole('button', { name: 'Take access now' }).click();
  await dialog.getByText('Fill in “Incident”.').waitFor();
  assert.deepEqual(commands('emergency.request'), []);
  await dialog.getByLabel('Incident').fill('INC-1');
  await dialog.getByLabel('What for').fill('Translate the notice');
  await dialog.getByLabel(/^Public/).check();
  await dialog.getByRole('button', { name: 'Take access now' }).click();
  await page.getByText('You have access.').waitFor();
  await open(page, `${server.origin}/app#/emergency`);
  await page.getByText('Overdue').waitFor();
  await page.getByRole('button', { name: 'Write the note' }).click();
  await dialog.getByLabel('What you did with it').fill('Translated the notice');
  await dialog.getByRole('button', { name: 'Write the note' }).click();
  await page.getByText('The note is written down').waitFor();
  assert.deepEqual(
    commands('emergency.note').map(({ body }) => body),
    [{ emergency: 'emerg_1', note: 'Translated the notice' }],
  );
});
