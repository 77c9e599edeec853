/** Checkpoints of the governance log: signed heads, and how they leave the site. */
export const checkpoints = {
  title: 'Checkpoints',
  history: 'Every checkpoint, newest first',
  none: 'No checkpoint yet',
  noneHint: 'The program signs the first one within a minute or two of its start. Reload then.',
  entries: (count: number) => (count === 1 ? '1 entry' : `${count.toLocaleString('en-GB')} entries`),
  newest: 'Newest checkpoint',
  signed: 'Signed',
  inLog: 'In the log now',
  anchored: 'Anchored outside',
  origin: 'Name of the log',
  root: 'Root',
  size: 'Covers',
  outside: 'Outside this site',
  rewritable: 'Rewritable by the operator',
  covered: 'Covered by a later one',
  ways: { file: 'Appended to the file outside', email: 'Sent to auditors' },
  cosigned: (witness: string) => `Cosigned by ${witness}`,
  rewritableTitle: (count: number) =>
    count === 1 ? 'The newest entry is not anchored yet' : `The newest ${count.toLocaleString('en-GB')} entries are not anchored yet`,
  rewritableWhy:
    'No checkpoint that covers them has left the site. Whoever operates it could still rewrite them, and nobody outside could tell. E-mail to auditors, a file outside or witnesses change that; see “Verify the log” in the documentation.',
  keys: 'Verifier keys',
  keysHelp:
    'With a key, anybody verifies checkpoints, receipts and evidence packs without this site. Keep a copy where its operator cannot change it.',
  key: (number: number) => `Verifier key ${number}`,
  since: 'Signs since',
  until: ', until',
  witnessesHelp: 'Witnesses whose cosignatures count:',
  witnessKey: (name: string) => `Key of the witness ${name}`,
  rotate: 'Change the signing key',
  rotateTitle: 'Sign with a new key?',
  rotateWhy:
    'The next checkpoint is signed with the old key and the new one; later ones with the new key only. The old key stays listed, for what it signed. Give the new key to everybody who verifies.',
  rotated: 'A new key signs from now on',
  rotatedHint: 'It is listed under the verifier keys.',
  downloadOf: (size: number) => `Download the checkpoint of ${size} entries`,
};
