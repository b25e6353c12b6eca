export type YamlTokenKind = 'key' | 'string' | 'number' | 'word' | 'comment' | 'plain';

export interface YamlToken {
  kind: YamlTokenKind;
  text: string;
}

const indentOf = (line: string) => /^ */.exec(line)![0].length;
const blockScalar = /(?:^|[:\-]\s+)[|>][+-]?\d?[+-]?\s*$/;

/** Which lines are the text of a block scalar (`key: |`), where nothing is syntax. */
export function yamlBlockLines(lines: readonly string[]): boolean[] {
  let begun = -1; // indentation of the line that began the block
  return lines.map((line) => {
    if (begun >= 0) {
      if (line.trim() === '' || indentOf(line) > begun) return true;
      begun = -1;
    }
    if (blockScalar.test(line)) begun = indentOf(line);
    return false;
  });
}

const keyLine = /^(\s*(?:- +)*)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#'"\-[\]{}][^#:]*?(?::[^\s#:][^#:]*?)*)(:)(?=\s|$)(.*)$/;

/** Colours one line of YAML as Kubernetes prints it (block style); no character is lost. */
export function yamlTokens(line: string, inBlock: boolean): YamlToken[] {
  if (inBlock) return [{ kind: 'string', text: line }];
  if (/^\s*#/.test(line)) return [{ kind: 'comment', text: line }];
  const match = keyLine.exec(line);
  if (!match) {
    const [, before, value] = /^(\s*(?:- +|-$)*)(.*)$/.exec(line)!;
    return tokens(['plain', before!], value!);
  }
  const [, before, key, colon, value] = match;
  return [...tokens(['plain', before!], ''), { kind: 'key', text: key! }, { kind: 'plain', text: colon! }, ...tokens(['plain', /^\s*/.exec(value!)![0]], value!.trimStart())];
}

function tokens(before: [YamlTokenKind, string], value: string): YamlToken[] {
  const found: YamlToken[] = [];
  if (before[1] !== '') found.push({ kind: before[0], text: before[1] });
  if (value !== '') found.push({ kind: kindOf(value), text: value });
  return found;
}

function kindOf(value: string): YamlTokenKind {
  if (/^(?:true|false|null|~|\{\}|\[\])$/.test(value)) return 'word';
  if (/^[|>][+-]?\d?$/.test(value)) return 'plain';
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return 'number';
  return 'string';
}
