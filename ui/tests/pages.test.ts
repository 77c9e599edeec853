import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OpenPage, openPage } from './browser.ts';
import { accessibilityFaults, complaintsOf, open } from './checks.ts';
import { mockApi } from './mock/api.ts';
import { pages } from './pages.ts';
import { scenes } from './scenes.ts';
import { serve } from './server.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page in the ${colorScheme} theme has content, obeys the security policy and passes axe`, async (context) => {
    const server = await serve(mockApi());
    const opened = await openPage({ colorScheme });
    try {
      const complaints = complaintsOf(opened.page);
      for (const [name, address] of pages) {
        await context.test(name, async () => {
          await open(opened.page, server.origin + address);
          assert.equal(await opened.page.locator('html').getAttribute('data-color-mode'), colorScheme);
          assert.deepEqual(await accessibilityFaults(opened.page), []);
          assert.deepEqual(complaints, []);
        });
      }
    } finally {
      await opened.close();
      await server.close();
    }
  });
}

// Atlaskit's pressed menu button (contrast 3.9) and its flags (outside the landmarks) are as Atlaskit ships them, and not looked at.
test('dialogs and what pages show after an action pass axe', async (context) => {
  const shown = scenes.filter(({ name }) => /^(dialog|selected|filled|verified)/.test(name));
  for (const { name, address, act } of shown) {
    await context.test(name, async () => {
      await open(opened.page, server.origin + address);
      await act?.(opened.page);
      assert.deepEqual(await accessibilityFaults(opened.page), []);
    });
  }
});

let opened: OpenPage;
let server: Awaited<ReturnType<typeof serve>>;
before(async () => {
  server = await serve(mockApi());
  opened = await openPage();
});
after(async () => {
  await opened.close();
  await server.close();
});

test('following a link moves the focus to the heading of the new page', async () => {
  const { page } = opened;
  await open(page, `${server.origin}/app#/my-access`);
  await page.getByRole('navigation').getByRole('link', { name: 'Approved tools' }).click();
  await page.getByRole('heading', { level: 1, name: 'Approved tools' }).waitFor();
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Approved tools');
  assert.equal(await page.title(), 'Approved tools · AI Clearance');
});

test('the first stop of the keyboard skips to the content', async () => {
  const { page } = opened;
  await open(page, `${server.origin}/app#/my-access`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.id'), 'main');
});

test('the chosen theme holds after a reload', async () => {
  const { page } = opened;
  await open(page, `${server.origin}/app#/my-access`);
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await page.locator('html[data-color-mode=dark]').waitFor();
  await page.reload();
  await page.locator('html[data-color-mode=dark]').waitFor();
});

test('ends are shown in the time zone of the person with its offset', async () => {
  const { page } = opened;
  await open(page, `${server.origin}/app#/access/grant_1`);
  await page.getByText('4 Dec 2026, 19:00 GMT+1').waitFor();
});

test('whoever may not administer is told so on the admin page', async () => {
  const person = { id: 'person_ben', name: 'Ben Okafor', email: 'ben@example.com', role: 'member' };
  const member = await serve({ answer: () => ({ status: 200, body: { person, oidc: null, may: { administer: false } } }) });
  await open(opened.page, `${member.origin}/admin#/log`);
  await opened.page.getByRole('heading', { level: 1, name: 'These pages are for administrators and auditors' }).waitFor();
  await opened.page.getByRole('link', { name: 'Back to AI Clearance' }).waitFor();
  await member.close();
});
