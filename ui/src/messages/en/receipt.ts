/** Receipts: proofs of one's own entries, to keep. */
export const receipt = {
  action: 'Receipt',
  title: 'Receipt of what you did',
  lead: 'Each file proves that what you did about this request stands in the governance log, under a signed checkpoint. Keep it: it can be verified without this site.',
  downloadOf: (what: string, index: number) => `Download the receipt: ${what}, entry ${index}`,
  keys: 'Keys that verify it',
  keysHelp: 'Compare them with keys that you have from somebody who does not operate this site, if you can.',
};
