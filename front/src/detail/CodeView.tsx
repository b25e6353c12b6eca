import { useMemo } from 'react';
import { jsonTokens } from '../lib/json';
import { splitLines } from '../lib/lines';
import { yamlBlockLines, yamlTokens } from '../lib/yaml';
import { FixedLines } from './FixedLines';

const lineHeight = 18;

/** Text with line numbers; JSON and YAML in colours. */
export function CodeView({ text, language, maxHeight, label }: { text: string; language?: 'json' | 'yaml' | undefined; maxHeight?: number; label: string }) {
  const lines = useMemo(() => splitLines(text), [text]);
  const inBlock = useMemo(() => (language === 'yaml' ? yamlBlockLines(lines.map(({ start, end }) => text.slice(start, end))) : []), [text, lines, language]);
  const tokens = (line: string, i: number) => (language === 'json' ? jsonTokens(line) : language === 'yaml' ? yamlTokens(line, inBlock[i]!) : null);
  const digits = String(lines.at(-1)?.number ?? 1).length;
  return (
    <FixedLines
      count={lines.length}
      lineHeight={lineHeight}
      maxHeight={maxHeight}
      className="code mono"
      label={label}
      renderLine={(i) => {
        const { number, start, end } = lines[i]!;
        const line = text.slice(start, end);
        return (
          <div key={i} className="code-line">
            <span className="code-number" style={{ width: `${digits + 2}ch` }} aria-hidden="true">
              {number ?? '↪'}
            </span>
            <span>
              {tokens(line, i)?.map((token, t) => (
                <span key={t} className={`json-${token.kind}`}>
                  {token.text}
                </span>
              )) ?? line}
            </span>
          </div>
        );
      }}
    />
  );
}
