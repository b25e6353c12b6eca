const depthMax = 200;

/**
 * Pretty printing without parsing into objects: figures keep their digits, doubled keys stay doubled, and a megabyte takes
 * milliseconds. Answers null if the text is not JSON, so that nothing is dressed up as what it is not, and if it is nested deeper
 * than `depthMax`: bodies come from the wire, and the indentation of a megabyte of brackets would be gigabytes.
 */
export function prettyJson(text: string, indent = '  '): string | null {
  const out: string[] = [];
  const closers: string[] = [];
  let i = 0;
  const end = text.length;
  const skipSpace = () => {
    while (i < end && (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t')) i++;
  };
  const newLine = () => out.push('\n', indent.repeat(closers.length));
  const plain = (): boolean => {
    plainToken.lastIndex = i;
    const match = plainToken.exec(text);
    if (!match) return false;
    out.push(match[0]);
    i += match[0].length;
    return true;
  };
  // By hand: a regular expression that matches a string of megabytes runs out of its backtracking stack.
  const string = (): boolean => {
    if (text.charCodeAt(i) !== quote) return false;
    let at = i + 1;
    while (at < end) {
      const c = text.charCodeAt(at);
      if (c === quote) {
        out.push(text.slice(i, at + 1));
        i = at + 1;
        return true;
      }
      if (c < 0x20) return false;
      at += c === backslash ? 2 : 1;
    }
    return false;
  };

  // One turn of the loop reads one value or one closing bracket; the nesting lives in `closers`, not on the stack.
  let expectValue = true;
  skipSpace();
  while (true) {
    if (expectValue) {
      const c = text[i];
      if (c === '{' || c === '[') {
        i++;
        skipSpace();
        const closer = c === '{' ? '}' : ']';
        out.push(c);
        if (text[i] === closer) {
          i++;
          out.push(closer);
          expectValue = false;
        } else {
          if (closers.push(closer) > depthMax) return null;
          newLine();
          if (closer === '}' && !key()) return null;
          continue;
        }
      } else if (string() || plain()) expectValue = false;
      else return null;
    }
    skipSpace();
    if (closers.length === 0) return i === end ? out.join('') : null;
    const c = text[i++];
    if (c === ',') {
      skipSpace();
      out.push(',');
      newLine();
      if (closers.at(-1) === '}' && !key()) return null;
      expectValue = true;
    } else if (c === closers.at(-1)) {
      closers.pop();
      newLine();
      out.push(c!);
    } else return null;
  }

  function key(): boolean {
    if (!string()) return false;
    skipSpace();
    if (text[i] !== ':') return false;
    i++;
    skipSpace();
    out.push(': ');
    return true;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const plainToken = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

export type JsonTokenKind = 'key' | 'string' | 'number' | 'word' | 'plain';

const lineToken = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|[^"\-\dtfn]+|./g;

/** Colours one pretty-printed line. */
export function jsonTokens(line: string): { kind: JsonTokenKind; text: string }[] {
  const tokens: { kind: JsonTokenKind; text: string }[] = [];
  for (const match of line.matchAll(lineToken)) {
    const [whole, string, colon, number, word] = match;
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? 'string' : 'key', text: string });
      if (colon !== undefined) tokens.push({ kind: 'plain', text: colon });
    } else tokens.push({ kind: number !== undefined ? 'number' : word !== undefined ? 'word' : 'plain', text: whole });
  }
  return tokens;
}
