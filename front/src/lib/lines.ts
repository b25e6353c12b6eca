/** One line on the screen. Lines that go on from the one above have no number. */
export interface TextLine {
  number: number | null;
  start: number;
  end: number;
}

/** Longer lines are broken: a single line of a megabyte would be laid out whole, at seconds a time. */
export const lineCharsMax = 1000;

export function splitLines(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = 0;
  let number = 1;
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    let from = start;
    do {
      lines.push({ number: from === start ? number : null, start: from, end: Math.min(end, from + lineCharsMax) });
      from += lineCharsMax;
    } while (from < end);
    if (newline < 0) break;
    start = newline + 1;
    number++;
  }
  return lines;
}
