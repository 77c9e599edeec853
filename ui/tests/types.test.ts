import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('the generated types are those of the OpenAPI document', () => {
  const made = execFileSync('npx', ['openapi-typescript', 'openapi.json', '--default-non-nullable', 'false'], { encoding: 'utf8' });
  assert.equal(readFileSync('src/api/schema.d.ts', 'utf8').trim(), made.trim(), 'run `npm run types` and commit the result');
});
