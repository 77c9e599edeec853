/** The inbox of the company's administrator. */
import type { Output } from '../../src/api/operations.ts';
import type { InboxItemView } from '../../src/api/types.ts';
import { at } from './company.ts';

const news = { asks: false, deadline: null, otherwise: null };

export const inbox: InboxItemView[] = [
  {
    id: 'notice_1',
    topic: 'decisions',
    at: at(-0.1),
    read: false,
    asks: true,
    subject: 'Ben Okafor asks for ChatGPT Business',
    text: 'Ben Okafor asks for ChatGPT Business for 30 days. It waits for your decision.',
    deadline: at(14),
    otherwise: 'it lapses, and has to be asked for anew',
    link: { kind: 'approval', id: 'req_1' },
  },
  {
    id: 'notice_2',
    topic: 'oversight',
    at: at(-1),
    read: false,
    asks: true,
    subject: '1 removal of access is stuck',
    text: '1 removal of access is stuck: access that has ended here may still work at the provider. The first one has been stuck since 2026-11-21 18:00 UTC.',
    deadline: null,
    otherwise: 'you are told again, daily, until it is over',
    link: { kind: 'stuck_removals', id: null },
  },
  {
    ...news,
    id: 'notice_3',
    topic: 'own_requests',
    at: at(-3),
    read: true,
    subject: 'Your request for GitHub Copilot Business was approved',
    text: 'Your request for GitHub Copilot Business was approved for 30 days.',
    deadline: at(27),
    otherwise: 'access ends; ask for an extension before that if you need it',
    link: { kind: 'request', id: 'req_3' },
  },
];

export const preferences: Output<'notices.preferences'> = {
  email: true,
  topics: [
    { topic: 'decisions', delivery: 'immediate', mandatory: false },
    { topic: 'own_requests', delivery: 'daily', mandatory: false },
    { topic: 'own_access', delivery: 'immediate', mandatory: true },
    { topic: 'oversight', delivery: 'immediate', mandatory: true },
  ],
};
