// A platform in memory: it performs the effects of `src/effect.rs` over maps, with revision guards and one log.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';

import { leafHash, rootHash } from './rfc6962.mjs';

class EffectError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// By bytes, as every store orders: JavaScript compares UTF-16 units.
const byText = (a, b) => Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));

export class Platform {
  #documents = new Map();
  #entries = [];
  #conflicts = 0;
  #keys = new Map();
  /** Every commit effect seen, also those refused. */
  commits = [];
  /** How many effects each batch held. */
  batches = [];

  /** The next `count` commits lose a race that nobody else was in. */
  loseRaces(count) {
    this.#conflicts = count;
  }

  /** Texts of the log's entries. */
  get log() {
    return this.#entries.map((entry) => entry.text);
  }

  /** Bodies of all documents of one kind, by key. */
  documents(entity) {
    return new Map([...this.#of(entity)].map(([key, { body }]) => [key, JSON.parse(body)]));
  }

  /** Performs a batch of effects and answers each under its id. */
  async perform(effects) {
    this.batches.push(effects.length);
    return Promise.all(
      effects.map(async ({ id, ...effect }) => {
        try {
          return { id, ok: this.#one(effect) };
        } catch (error) {
          if (!(error instanceof EffectError)) throw error;
          return { id, error: { code: error.code, message: error.message } };
        }
      }),
    );
  }

  #of(entity) {
    if (!this.#documents.has(entity)) this.#documents.set(entity, new Map());
    return this.#documents.get(entity);
  }

  #one(effect) {
    switch (effect.kind) {
      case 'get':
        return { row: this.#row(effect.entity, effect.key) };
      case 'page':
        return this.#page(effect);
      case 'commit':
        return this.#commit(effect);
      case 'log_head':
        return { size: this.#entries.length, root: this.root() };
      case 'log_entries':
        return {
          entries: this.#entries
            .slice(effect.from, effect.from + effect.limit)
            .map((entry, offset) => ({ index: effect.from + offset, ...entry })),
        };
      case 'log_tile':
        return { hashes: this.#tile(effect.level, effect.index).map((hash) => hash.toString('hex')) };
      case 'public_key':
        return { public_key: this.#key(effect.key).publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex') };
      case 'sign': {
        const signature = sign(null, Buffer.from(effect.message, 'hex'), this.#key(effect.key).privateKey).toString('hex');
        return { signature: [signature.slice(0, 64), signature.slice(64)] };
      }
      default:
        throw new Error(`no effect is called ${effect.kind}`);
    }
  }

  /** Root of the log, computed here. */
  root() {
    return rootHash(this.#entries.map((entry) => leafHash(entry.text))).toString('hex');
  }

  /** Hashes of a tile: each is the root over the 256 ** level entries below it. */
  #tile(level, index) {
    const leaves = this.#entries.map((entry) => leafHash(entry.text));
    const span = 256 ** level;
    const hashes = [];
    for (let at = index * 256; at < (index + 1) * 256 && (at + 1) * span <= leaves.length; at += 1) {
      hashes.push(rootHash(leaves.slice(at * span, (at + 1) * span)));
    }
    return hashes;
  }

  /** A key pair of this name, which stays here. */
  #key(name) {
    if (!this.#keys.has(name)) this.#keys.set(name, generateKeyPairSync('ed25519'));
    return this.#keys.get(name);
  }

  #row(entity, key) {
    const found = this.#of(entity).get(key);
    return found ? { key, revision: found.revision, body: found.body } : null;
  }

  #page({ entity, index, from, until, order, after, limit }) {
    const range = (key, document) => (index ? document.attributes[index.range] : key);
    const direction = order === 'ascending' ? 1 : -1;
    const compare = (a, b) => direction * (byText(a.range, b.range) || byText(a.key, b.key));
    // Paging by key, a position's range value is empty.
    const place = after && { range: index ? after.range : after.key, key: after.key };
    const rows = [...this.#of(entity)]
      .filter(([, { attributes }]) => Object.entries(index?.partition ?? {}).every(([name, value]) => attributes[name] === value))
      .map(([key, document]) => ({ key, range: range(key, document) }))
      .filter((row) => row.range !== undefined)
      .filter((row) => (from === null || byText(row.range, from) >= 0) && (until === null || byText(row.range, until) < 0))
      .sort(compare)
      .filter((row) => !place || compare(row, place) > 0);
    const last = rows.length > limit ? rows[limit - 1] : null;
    return {
      rows: rows.slice(0, limit).map(({ key }) => this.#row(entity, key)),
      next: last && { range: index ? last.range : '', key: last.key },
    };
  }

  #commit(commit) {
    this.commits.push(structuredClone(commit));
    const names = commit.writes.map(({ entity, key }) => `${entity}/${key}`);
    assert.equal(new Set(names).size, names.length, 'a commit touches each document at most once');
    assert.ok(commit.writes.length + commit.entries.length + 1 <= 25, 'a commit fits into one transaction of the platform');
    for (const { text, leaf_hash } of commit.entries) {
      assert.equal(leafHash(text).toString('hex'), leaf_hash, 'the leaf hash is that of the text');
    }
    if (this.#conflicts > 0) {
      this.#conflicts -= 1;
      throw new EffectError('conflict', 'somebody else was first');
    }
    for (const { entity, key, expected } of commit.writes) {
      const revision = this.#of(entity).get(key)?.revision ?? null;
      if (revision !== expected) throw new EffectError('conflict', `${entity}/${key} has revision ${revision}, not ${expected}`);
    }
    const first_entry = this.#entries.length;
    for (const { kind, entity, key, expected, body, attributes } of commit.writes) {
      if (kind === 'put') this.#of(entity).set(key, { revision: (expected ?? 0) + 1, body, attributes });
      if (kind === 'delete') this.#of(entity).delete(key);
    }
    this.#entries.push(...commit.entries);
    return { first_entry };
  }
}
