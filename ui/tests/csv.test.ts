import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CsvProblem, hundreds, rowsOf } from '../src/identities/csv.ts';

const refuses = (csv: string, words: RegExp) =>
  assert.throws(
    () => rowsOf(csv),
    (error) => error instanceof CsvProblem && words.test(error.message),
  );

test('columns are found by name, in any order, with commas or semicolons, quoted or not', () => {
  const wanted = [
    { person: 'ada@example.com', account: 'ada, the first' },
    { person: 'ben@example.com', account: '00u1' },
  ];
  assert.deepEqual(rowsOf('person,account\nada@example.com,"ada, the first"\nben@example.com,00u1\n'), wanted);
  assert.deepEqual(rowsOf('﻿Account;Note; PERSON \r\n"ada, the first";x; ada@example.com\r\n00u1;;ben@example.com\r\n\r\n'), wanted);
});

test('a file that cannot be meant is refused with the reason, and rows are named as people count them', () => {
  refuses('', /no rows/);
  refuses('person,account\n', /no rows/);
  refuses('ada@example.com,00u1\n', /must name the columns/);
  refuses('person,account\nada@example.com,00u1\nben@example.com,\n,00u3\n', /: 3, 4\./);
  refuses('person,account\n"ada@example.com,00u1\n', /cannot be read/);
});

test('rows go out in hundreds, none twice and none lost', () => {
  for (const count of [0, 1, 100, 101, 250]) {
    const rows = Array.from({ length: count }, (_, row) => row);
    const parts = hundreds(rows);
    assert.deepEqual(parts.flat(), rows);
    assert.ok(parts.every((part) => part.length >= 1 && part.length <= 100));
  }
});
