import type { EntryDetail } from '../api/types';
import { Notice } from './Notice';
import { SectionView } from './SectionView';

/** Request or response, as sections. */
export function SideTab({ side, detail }: { side: 'request' | 'response'; detail: EntryDetail }) {
  const sections = detail.representation?.[side] ?? [];
  const { flags } = detail.row;
  return (
    <div className="detail-scroll">
      {side === 'response' && flags.includes('afterGap') && <Notice level="warn">Bytes were lost before this message: it may belong to another request.</Notice>}
      {flags.includes('incomplete') && <Notice level="warn">The message was not seen to its end.</Notice>}
      {sections.length === 0 && (
        <Notice level="info">
          {flags.includes(side === 'request' ? 'noRequest' : 'noResponse') ? `No ${side} was seen for this call.` : `This kind of message has no ${side}.`}
        </Notice>
      )}
      {sections.map((section, i) => (
        <SectionView key={i} section={section} />
      ))}
    </div>
  );
}
