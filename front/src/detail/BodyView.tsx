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

type Form = 'image' | 'pretty' | 'text' | 'hex' | 'base64';

const formLabels: Record<Form, string> = { image: 'Image', pretty: 'Pretty', text: 'Text', hex: 'Hex', base64: 'Base64' };
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
  const image = raw.length > 0 && imageTypes.test(mediaType(section));
  const forms: Form[] = [...(image ? (['image'] as const) : []), ...(pretty === null ? [] : (['pretty'] as const)), 'text', 'hex', 'base64'];
  const form = chosen && forms.includes(chosen) ? chosen : forms[0] !== 'text' ? forms[0]! : section.encoding === 'base64' ? 'hex' : 'text';
  const shown = () => {
    if (form === 'hex') return hexDump(raw);
    return form === 'base64' || form === 'image' ? toBase64(raw) : form === 'pretty' ? pretty! : text;
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
          {cutText(section, raw.length)}
        </Notice>
      )}
      {section.note && <Notice level="info">{section.note}</Notice>}
      {raw.length === 0 ? (
        <p className="muted">empty</p>
      ) : form === 'image' ? (
        <img className="body-image" src={`data:${mediaType(section)};base64,${toBase64(raw)}`} alt={`${section.title} as an image`} />
      ) : form === 'hex' ? (
        <HexView bytes={raw} maxHeight={viewHeight} label={`${section.title} in hex`} />
      ) : (
        <CodeView text={form === 'base64' ? shown().replace(base64Line, '$&\n') : shown()} language={form === 'pretty' ? 'json' : undefined} maxHeight={viewHeight} label={section.title} />
      )}
    </>
  );
}

/** What a browser draws. As an <img> none of them runs scripts or loads anything, SVG included. */
const imageTypes = /^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)$/;

function mediaType(section: BodySection): string {
  return section.mimeType.split(';', 1)[0]!.trim().toLowerCase();
}

/** Sizes on the wire and decoded are comparable only where nothing was decoded. */
function cutText(section: BodySection, keptBytes: number): string {
  const wire = section.wireLength ?? 0;
  if (section.contentEncoding) return `Only the beginning was kept: ${bytes(keptBytes)} of what ${bytes(wire)} on the wire decode to (--body-bytes keeps more).`;
  return wire > keptBytes ? `Only the first ${bytes(keptBytes)} of ${bytes(wire)} were kept (--body-bytes keeps more).` : `Only the first ${bytes(keptBytes)} were kept.`;
}

const base64Line = new RegExp(`.{${base64LineChars}}`, 'g');

function describe(section: BodySection): string {
  const size = section.truncated && !section.contentEncoding ? Math.max(section.length, section.wireLength ?? 0) : section.length;
  const parts = [section.mimeType.replace(/;\s*boundary=.*$/i, ''), `${bytes(size)}${size >= 1024 ? ` (${count(size)} bytes)` : ''}`];
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
