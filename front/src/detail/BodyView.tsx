import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { BodySection } from '../api/types';
import { addClause } from '../app/dashboard';
import { stringLiteral } from '../filter/clauses';
import { fromBase64, hexDump, toBase64 } from '../lib/bytes';
import { bytes, count } from '../lib/format';
import { prettyJson } from '../lib/json';
import { CodeView } from './CodeView';
import { CopyButton } from './CopyButton';
import { HexView } from './HexView';
import { Notice } from './Notice';

type Form = 'pretty' | 'text' | 'hex' | 'base64';

const formLabels: Record<Form, string> = { pretty: 'Pretty', text: 'Text', hex: 'Hex', base64: 'Base64' };
const viewHeight = 520;
const base64LineChars = 76; // RFC 2045

function decode(section: BodySection): { raw: Uint8Array; text: string } {
  if (section.encoding === 'utf8') return { raw: new TextEncoder().encode(section.body), text: section.body };
  const raw = fromBase64(section.body);
  return { raw, text: new TextDecoder().decode(raw) };
}

export function BodyView({ section }: { section: BodySection }) {
  const { raw, text } = useMemo(() => decode(section), [section]);
  const pretty = useMemo(() => (/^\s*[{[]/.test(text) ? prettyJson(text) : null), [text]);
  const [chosen, setChosen] = useState<Form | null>(null);
  const forms: Form[] = pretty === null ? ['text', 'hex', 'base64'] : ['pretty', 'text', 'hex', 'base64'];
  const form = chosen && forms.includes(chosen) ? chosen : pretty !== null ? 'pretty' : section.encoding === 'base64' ? 'hex' : 'text';
  const shown = () => {
    if (form === 'hex') return hexDump(raw);
    return form === 'base64' ? toBase64(raw) : form === 'pretty' ? pretty! : text;
  };

  return (
    <>
      <div className="body-head">
        <h3>{section.title}</h3>
        <span className="muted">{describe(section)}</span>
        <span className="spacer" />
        {section.selector && <ContainsButton variable={section.selector} />}
        {section.length > 0 && (
          <>
            <SegmentedControl size="xs" aria-label="Form of the body" value={form} onChange={(value) => setChosen(value as Form)} data={forms.map((value) => ({ value, label: formLabels[value] }))} />
            <CopyButton text={shown} label="Copy as shown" />
          </>
        )}
      </div>
      {section.truncated && (
        <Notice level="warn">
          Only the first {bytes(raw.length)} of {bytes(section.length)} were kept.
        </Notice>
      )}
      {section.note && <Notice level="info">{section.note}</Notice>}
      {raw.length === 0 ? (
        <p className="muted">empty</p>
      ) : form === 'hex' ? (
        <HexView bytes={raw} maxHeight={viewHeight} label={`${section.title} in hex`} />
      ) : (
        <CodeView text={form === 'base64' ? shown().replace(base64Line, '$&\n') : shown()} json={form === 'pretty'} maxHeight={viewHeight} label={section.title} />
      )}
    </>
  );
}

const base64Line = new RegExp(`.{${base64LineChars}}`, 'g');

function describe(section: BodySection): string {
  const parts = [section.mimeType, `${bytes(section.length)}${section.length >= 1024 ? ` (${count(section.length)} bytes)` : ''}`];
  if (section.contentEncoding) parts.push(`${section.contentEncoding}${section.wireLength === undefined ? '' : `, ${bytes(section.wireLength)} on the wire`}`);
  return parts.filter(Boolean).join(' · ');
}

/** Turns a text selected in the body into a clause. */
function ContainsButton({ variable }: { variable: string }) {
  const add = () => {
    const selected = window.getSelection()?.toString().trim() ?? '';
    if (selected !== '') addClause(`${variable}.contains(${stringLiteral(selected)})`);
  };
  return (
    <button type="button" className="text-button" title={`Select a piece of the body, then click: ${variable}.contains("…")`} onMouseDown={(event) => event.preventDefault()} onClick={add}>
      + selection
    </button>
  );
}
