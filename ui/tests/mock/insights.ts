/** What the company's counters say. */
import type { Output } from '../../src/api/operations.ts';
import { acme, contoso } from './directory.ts';
import { at } from './company.ts';

type Point = Output<'insights.series'>['points'][number];
const hour = 3_600;

function point(from: string, place: number): Point {
  const asked = [3, 5, 0, 8, 2, 6, 4][place % 7]!;
  const times = (scale: number) => ({ p50_seconds: scale * hour, p90_seconds: 3 * scale * hour, p99_seconds: 9 * scale * hour });
  return {
    from,
    requests: {
      submitted: asked,
      approved_by_policy: Math.floor(asked / 2),
      approved_by_people: Math.floor(asked / 3),
      denied_by_policy: 0,
      denied_by_people: asked > 5 ? 1 : 0,
      withdrawn: 0,
      lapsed: place % 11 === 0 ? 1 : 0,
      unapproved: place % 13 === 0 ? 1 : 0,
    },
    grants: {
      activated: asked,
      extended: 1,
      expired: place % 3,
      revoked: 0,
      given_back: place % 5 === 0 ? 1 : 0,
      rejected: 0,
      follow_ups: 0,
    },
    drift: { found: place % 6 === 0 ? 2 : 0, settled: place % 7 === 0 ? 1 : 0, lapsed: 0 },
    reviews: {
      opened: place % 4,
      postponed: place % 9 === 0 ? 1 : 0,
      renewed: place % 3,
      let_expire: place % 5 === 0 ? 1 : 0,
      removed: place % 8 === 0 ? 1 : 0,
      excepted: 0,
      undecided: place % 10 === 0 ? 1 : 0,
      void: 0,
    },
    seats: { offered: place % 6 === 0 ? 2 : 0, accepted: place % 6 === 1 ? 1 : 0, declined: 0, missed: place % 12 === 2 ? 1 : 0 },
    decision: { count: Math.floor(asked / 3), ...times(1 + (place % 4)) },
    removal: { count: place % 3, ...times(2) },
  };
}

const first = Date.parse('2026-10-25T00:00:00Z');
const points = Array.from({ length: 30 }, (_, place) => point(new Date(first + place * 86_400_000).toISOString().slice(0, 10), place));
const counted = { entries: 121, of: 121 };

export const series: Output<'insights.series'> = { counted_until: counted, points };

export const summary: Output<'insights.summary'> = {
  from: '2026-10-25',
  until: '2026-11-24',
  counted_until: counted,
  counted: points[3]!,
  standing: { requests_open: 4, with_access: 42, drift_open: 2, reviews_open: 3 },
  by_tool: [
    {
      id: 'tool_chat',
      name: 'ChatGPT Business',
      risk: 'medium',
      with_access: 23,
      requests: 51,
      seats: { cap: 25, in_use: 24, kept: 1, waiting: 3 },
    },
    { id: 'tool_copilot', name: 'GitHub Copilot Business', risk: 'high', with_access: 15, requests: 22, seats: null },
    { id: 'tool_deepl', name: 'DeepL Pro', risk: 'low', with_access: 4, requests: 4, seats: null },
  ],
  more_tools: false,
  by_risk: [
    { risk: 'low', with_access: 4 },
    { risk: 'medium', with_access: 23 },
    { risk: 'high', with_access: 15 },
  ],
};

const today = Date.parse('2026-11-23T00:00:00Z');
export const forecast: Output<'insights.forecast'> = {
  forecast: {
    from: '2026-11-23',
    partial: false,
    days: Array.from({ length: 90 }, (_, place) => ({
      day: new Date(today + place * 86_400_000).toISOString().slice(0, 10),
      access_ends: place % 9 === 0 ? 3 : 0,
      removals_by_hand: place % 18 === 0 ? 1 : 0,
      removals_by_provider: place % 9 === 0 ? 2 : 0,
      seats_free: place % 9 === 0 ? 1 : 0,
      requests_lapse: place === 13 ? 2 : 0,
      offers_end: place === 18 ? 1 : 0,
      reviews_open: place % 9 === 0 ? 2 : 0,
      exceptions_end: place === 40 ? 1 : 0,
      asking_ends: 0,
    })),
    weeks: Array.from({ length: 13 }, (_, week) => new Date(today + week * 7 * 86_400_000).toISOString().slice(0, 10)),
    reviewers: [
      { reviewer: 'Owners of ChatGPT Business', waiting: 2, weeks: [2, 2, 0, 2, 0, 2, 0, 2, 2, 0, 2, 0, 2] },
      { reviewer: 'Security', waiting: 1, weeks: [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0] },
    ],
    credentials: [
      { connector: contoso.id, name: contoso.name, kind: 'certificate', ends_at: at(12) },
      { connector: acme.id, name: acme.name, kind: 'client_secret', ends_at: at(60) },
    ],
  },
};
