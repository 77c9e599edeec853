import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterOf, queryOf, startOfDay } from '../src/log/filter.ts';

test('a day begins when it does in its time zone, also when clocks change on it', () => {
  for (const [date, plus, zone, begins] of [
    ['2026-11-23', 0, 'Europe/Berlin', '2026-11-22T23:00:00.000Z'],
    ['2026-11-23', 1, 'Europe/Berlin', '2026-11-23T23:00:00.000Z'],
    ['2026-10-25', 0, 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
    ['2026-10-25', 1, 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    ['2026-03-29', 1, 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['2026-03-08', 1, 'America/Los_Angeles', '2026-03-09T07:00:00.000Z'],
    ['2026-12-31', 1, 'Pacific/Kiritimati', '2026-12-31T10:00:00.000Z'],
    ['2026-06-01', 0, 'Asia/Kathmandu', '2026-05-31T18:15:00.000Z'],
  ] as const) {
    assert.equal(startOfDay(date, plus, zone), begins, `${date} in ${zone}`);
  }
});

test('a filter survives its address, and an address that is none is ignored', () => {
  const address = 'family=request&family=grant&person=person_01kb2m9x7c4d5e6f7g8h9j0k1m&from=2026-11-01';
  assert.equal(queryOf(filterOf(new URLSearchParams(address))).toString(), address);
  assert.equal(queryOf(filterOf(new URLSearchParams('family=x&person=<script>&from=1&until=&about=req_'))).toString(), '');
});
