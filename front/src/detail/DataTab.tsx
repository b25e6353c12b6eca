import { useMemo } from 'react';
import { saveAs } from '../lib/saveAs';
import { CodeView } from './CodeView';
import { CopyButton } from './CopyButton';

/** The whole entry as the API serves it. */
export function DataTab({ entry }: { entry: Record<string, unknown> }) {
  const text = useMemo(() => JSON.stringify(entry, null, 2), [entry]);
  return (
    <div className="detail-fill">
      <div className="body-head">
        <h3>Entry</h3>
        <span className="muted">as GET /api/entry serves it</span>
        <span className="spacer" />
        <button type="button" className="text-button" onClick={() => saveAs(new Blob([text], { type: 'application/json' }), 'entry.json')}>
          Download
        </button>
        <CopyButton text={() => text} label="Copy the entry" />
      </div>
      <CodeView text={text} language="json" label="Entry as JSON" />
    </div>
  );
}
