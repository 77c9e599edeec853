import { after, before, beforeEach } from 'node:test';
import type { Page } from 'playwright-core';
import { type OpenPage, openPage } from './browser.ts';
import { mockApi } from './mock/api.ts';
import { serve } from './server.ts';

/** A page on the mock, for one file of tests, and what was sent to the mock during a test. */
export interface Noted {
  readonly page: Page;
  readonly origin: string;
  /** What an operation was asked with, call by call. */
  bodies(operation: string): Record<string, unknown>[];
}

/** Opens the page before the file's first test and closes it after the last; forgets before each test what was sent. */
export function noted(): Noted {
  let opened: OpenPage;
  let server: Awaited<ReturnType<typeof serve>>;
  let sent: { operation: string; body: Record<string, unknown> }[] = [];
  before(async () => {
    server = await serve({
      answer(path, method, body, headers) {
        sent.push({ operation: path.replace('/api/v1/', ''), body: body as Record<string, unknown> });
        return mockApi().answer(path, method, body, headers);
      },
    });
    opened = await openPage();
  });
  after(async () => {
    await opened.close();
    await server.close();
  });
  beforeEach(() => {
    sent = [];
  });
  return {
    get page() {
      return opened.page;
    },
    get origin() {
      return server.origin;
    },
    bodies: (operation) => sent.filter((each) => each.operation === operation).map(({ body }) => body),
  };
}
