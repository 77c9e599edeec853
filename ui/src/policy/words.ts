/** A piece of two texts: in both, only in the first, or only in the second. */
export interface Piece {
  kind: 'same' | 'before' | 'after';
  words: string;
}

/** Words with the space before them, and signs by themselves: together they are the sentence again. */
const wordsOf = (sentence: string): string[] => sentence.match(/\s*(?:[\p{L}\p{N}]+|[^\s\p{L}\p{N}])/gu) ?? [];

/** What two sentences share and do not, word by word, along a longest common subsequence. */
export function compareWords(before: string, after: string): Piece[] {
  const [old, young] = [wordsOf(before), wordsOf(after)];
  // common[i][j]: the length of the longest one of what follows the places i and j.
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(young.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = young.length - 1; j >= 0; j -= 1) {
      common[i]![j] = old[i] === young[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const pieces: Piece[] = [];
  const add = (kind: Piece['kind'], word: string) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.words += word;
    else pieces.push({ kind, words: word });
  };
  let [i, j] = [0, 0];
  while (i < old.length || j < young.length) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      add('same', old[i]!);
      i += 1;
      j += 1;
    } else if (j >= young.length || (i < old.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      add('before', old[i]!);
      i += 1;
    } else {
      add('after', young[j]!);
      j += 1;
    }
  }
  return pieces;
}
