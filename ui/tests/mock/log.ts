/** A small log whose proofs hold, with checkpoints of it. */
import type { Input, Output } from '../../src/api/operations.ts';
import type { CheckpointView, EntryView } from '../../src/api/types.ts';
import { ada, at } from './company.ts';
import { leaf, path, treeHash } from './tree.ts';

const kinds = ['request.submitted', 'approval.decided', 'request.approved', 'grant.created', 'grant.activated', 'grant.ended'];
const size = 121;
const request = 'req_01kb2m9x7c4d5e6f7g8h9j0k1m';

const entries: EntryView[] = Array.from({ length: size }, (_, index) => {
  const kind = kinds[index % kinds.length]!;
  const when = at((index - size) / 10);
  const actor = index % 3 === 2 ? 'system' : { person: ada.id };
  const facts = { data_classes: ['internal', 'public'], outcome: 'stages', policy: 3, request };
  const entry = JSON.stringify({ actor, at: when, facts, kind, version: 1 });
  const person = index % 3 === 2 ? null : ada;
  return { index, at: when, kind, person, leaf_hash: leaf(entry).toString('hex'), entry };
});
const leaves = entries.map((entry) => leaf(entry.entry));

/** Newest first, of the families asked for. */
export const listEntries = ({ families = [] }: Input<'audit.entries'>) => {
  const shown = entries.filter(({ kind }) => families.length === 0 || families.some((family) => kind.startsWith(`${family}.`)));
  return { items: shown.slice(-6).reverse(), next: null };
};

const origin = 'ai-clearance.site_4qz8v7n2k6m1t9c3x5b0d8f6g2';
export const verifierKeys = [`${origin}+6f1d2a90+AX1v8m2Pp0m3cY7qkq0yT4w5r8l6Zb1n2C3d4E5f6G7h`];

function checkpoint(covered: number, days: number, anchors: CheckpointView['anchors']): CheckpointView {
  const root = treeHash(leaves.slice(0, covered));
  const note = `${origin}\n${covered}\n${root.toString('base64')}\n\n— ${origin} bx0qkAAA\n`;
  return { size: covered, root: root.toString('hex'), at: at(days), note, anchors };
}

export const checkpoints: CheckpointView[] = [
  checkpoint(120, -0.1, []),
  checkpoint(100, -2, [
    { to: 'email', at: at(-1.9) },
    { to: { witness: 'witness.example.org' }, at: at(-1.8) },
  ]),
  checkpoint(64, -5, []),
  checkpoint(32, -9, [{ to: 'file', at: at(-9) }]),
];

export const latest: Output<'audit.checkpoint'> = {
  checkpoint: checkpoints[0]!,
  origin,
  verifier_keys: [{ number: 1, verifier: verifierKeys[0]!, since: at(-90), until: null }],
  witnesses: ['witness.example.org+2c9d1e7f+BJ2kq0yT4w5r8l6Zb1n2C3d4E5f6G7hX1v8m2Pp0m3cY7q'],
  log_size: size,
  anchored_size: 100,
  rewritable: size - 100,
};

export function proof({ inclusion }: { inclusion: { index: number; size: number } }): Output<'audit.proof'> {
  const tree = leaves.slice(0, inclusion.size);
  return {
    size: inclusion.size,
    root: treeHash(tree).toString('hex'),
    hashes: path(inclusion.index, tree).map((hash) => hash.toString('hex')),
    leaf_hash: tree[inclusion.index]!.toString('hex'),
    tlog_proof: `c2sp.org/tlog-proof@v1\nindex ${inclusion.index}\n`,
  };
}
