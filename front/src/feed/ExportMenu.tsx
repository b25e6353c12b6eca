import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { exportEntries, pcapOfMatchesUrl } from '../api/rest';
import { session } from '../app/dashboard';
import { Icon } from '../app/Icon';
import { count } from '../lib/format';
import { saveAs } from '../lib/saveAs';
import { useStore } from '../lib/store';
import { csvHeader, csvLine } from './csv';

/** Whole entries are fetched by the hub from its store: this many at most, the newest. */
const entriesMax = 20_000;
const csvRowsAtOnce = 5000;

/** All shown rows, from what this browser holds; in slices, so that the feed goes on meanwhile. */
async function csvOfRows(): Promise<Blob> {
  const { ring } = session;
  const parts: string[] = [csvHeader];
  const end = ring.end;
  for (let from = ring.first; from < end; from += csvRowsAtOnce) {
    let part = '';
    for (let line = from; line < Math.min(end, from + csvRowsAtOnce); line++) {
      const row = ring.rowAt(line);
      if (row) part += csvLine(row);
    }
    parts.push(part);
    await new Promise((next) => setTimeout(next));
  }
  return new Blob(parts, { type: 'text/csv;charset=utf-8' });
}

function newestIds(): string[] {
  const { ring } = session;
  const ids: string[] = [];
  for (let line = ring.end - 1; line >= ring.first && ids.length < entriesMax; line--) {
    const row = ring.rowAt(line);
    if (row) ids.push(row.id);
  }
  return ids.reverse();
}

export function ExportMenu() {
  const { end, first } = useStore(session.feed);
  const [menuOpen, setMenuOpen] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const { applied } = useStore(session.session);
  const rows = end - first;

  const run = (format: 'csv' | 'har' | 'jsonl') => {
    setBusy(`Writing ${format.toUpperCase()}…`);
    const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
    const blob = format === 'csv' ? csvOfRows() : exportEntries(format, newestIds());
    blob.then(
      (content) => {
        saveAs(content, `kubeshark-${stamp}.${format}`);
        setBusy(null);
      },
      (error: Error) => setBusy(`Export failed: ${error.message}`),
    );
  };
  const share = rows > entriesMax ? `the newest ${count(entriesMax)} of ${count(rows)}` : `${count(rows)}`;

  return (
    <Menu position="bottom-end" width={300} closeOnItemClick={false} opened={menuOpen} onChange={setMenuOpen}>
      <Menu.Target>
        <Tooltip label="Export the shown rows" disabled={menuOpen}>
          <ActionIcon aria-label="Export the shown rows" disabled={rows === 0}>
            <Icon name="download" />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Export the shown rows</Menu.Label>
        <Menu.Item onClick={() => run('csv')}>
          CSV <span className="muted">· {count(rows)} rows as in the feed</span>
        </Menu.Item>
        <Menu.Item onClick={() => run('har')}>
          HAR <span className="muted">· {share} entries, HTTP with bodies</span>
        </Menu.Item>
        <Menu.Item onClick={() => run('jsonl')}>
          JSON lines <span className="muted">· {share} whole entries</span>
        </Menu.Item>
        <Menu.Item component="a" href={pcapOfMatchesUrl(applied ?? '')} download>
          pcapng <span className="muted">· packets still kept of {applied ? 'connections that match the filter' : 'all connections'}</span>
        </Menu.Item>
        {busy && <Menu.Label role="status">{busy}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
