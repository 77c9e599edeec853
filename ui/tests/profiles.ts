/** People with browser profiles of their own, at a site under test. */
import type { Browser, Page } from 'playwright-core';
import { timeZone, type Site } from './site.ts';

const password = 'correct horse battery staple';

/** A page of a profile of its own; what it complains of goes to `complaints`. */
export async function profile(browser: Browser, complaints: string[]): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', timezoneId: timeZone });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // The browser itself reports every answer that is not 2xx; those are ours to make.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return page;
}

/** Adds a person, who follows a one-time link, chooses a password, and arrives signed in. */
export async function arrive(site: Site, page: Page, name: string, role: string): Promise<string> {
  const added = await site.operation('people.put', { name, email: `${name.toLowerCase()}@example.com`, role });
  const { id } = (added as { person: { id: string } }).person;
  const { path } = (await site.operation('set_up_links.create', { person: id })) as { path: string };
  await page.goto(`${site.address}${path}`);
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('The same password again').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
  return id;
}

/** Signs in where the page asks for it. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
