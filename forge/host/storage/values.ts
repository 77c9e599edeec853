// What may be stored: keys, sizes, and the types that the manifest gives to attributes.
import type { Entity } from '../manifest.ts';
import { Refusal } from '../reply.ts';

const KEY = /^(?!\s+$)[a-zA-Z0-9:._\s\-#]+$/;
const MAX_KEY = 500;
const MAX_VALUE = 240 * 1024;
const MAX_DEPTH = 31;
const MAX_INTEGER = 2_147_483_647;
const UNIT = 10 * 1024;

export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string' || key === '') throw new Refusal(400, 'KEY_TOO_SHORT', 'Key must not be empty');
  if (key.length > MAX_KEY) throw new Refusal(400, 'KEY_TOO_LONG', `Key must not be longer than ${MAX_KEY} characters`);
  if (!KEY.test(key)) throw new Refusal(400, 'INVALID_KEY', `Key must match ${KEY}`);
}

/** Bytes that a value takes. */
export function size(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** Units of 10 KB that a value is charged as. */
export function units(value: unknown): number {
  return Math.max(1, Math.ceil(size(value) / UNIT));
}

export function checkValue(value: unknown): void {
  if (value === undefined || value === null) throw new Refusal(400, 'VALUE_MISSING', 'Value must be given');
  if (size(value) > MAX_VALUE) throw new Refusal(413, 'MAX_SIZE', `Value must not be larger than ${MAX_VALUE} bytes`);
  if (depth(value) > MAX_DEPTH) throw new Refusal(400, 'MAX_DEPTH', 'Value must not be deeper than 32 levels');
}

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

/** Fails unless a value's attributes are those that the manifest declares. */
export function checkAttributes(entity: Entity, value: unknown): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(400, 'INVALID_ENTITY_VALUE', `A value of ${entity.name} is an object`);
  }
  for (const [name, attribute] of Object.entries(value)) {
    const type = entity.attributes.get(name);
    if (!type) throw new Refusal(400, 'INVALID_ENTITY_ATTRIBUTE', `${entity.name} has no attribute ${name}`);
    if (!isOf(type, attribute)) throw new Refusal(400, 'INVALID_ENTITY_ATTRIBUTE_TYPE', `${entity.name}.${name} must be ${type}`);
  }
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) <= MAX_INTEGER;
    case 'float':
      return typeof value === 'number';
    default:
      return typeof value === type;
  }
}
