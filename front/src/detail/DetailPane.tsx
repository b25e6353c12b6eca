import { ActionIcon, Loader, Tabs, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { useIsCluster } from '../cluster/clusterState';
import { fetchEntry } from '../api/rest';
import type { Row } from '../api/types';
import { closeEntry, selectedLine, session } from '../app/dashboard';
import { Icon } from '../app/Icon';
import { TABS, go, place, type Tab } from '../app/location';
import { moveSelection } from '../feed/feedView';
import { kept } from '../lib/format';
import { useFetched, type Fetched } from '../lib/useFetched';
import { useStore } from '../lib/store';
import { ConnectionTab } from './ConnectionTab';
import { CopyButton } from './CopyButton';
import { DataTab } from './DataTab';
import { EntryHead } from './EntryHead';
import { KubernetesTab } from './KubernetesTab';
import { Notice } from './Notice';
import { PacketsTab } from './PacketsTab';
import { SideTab } from './SideTab';
import './detail.css';

const tabLabels: Record<Tab, string> = { request: 'Request', response: 'Response', data: 'Data', connection: 'Connection', pcap: 'PCAP', k8s: 'K8S' };

export function DetailPane({ id }: { id: string }) {
  const { tab } = useStore(place);
  const line = useStore(selectedLine);
  const answer = useFetched(id, fetchEntry);
  // Until the hub answers, and when it no longer has the entry, the row of the feed tells what there is to tell.
  const fromFeed = useMemo(() => {
    const row = line === null ? undefined : session.ring.rowAt(line);
    return row?.id === id ? row : undefined;
  }, [id, line]);
  // A hub that was started anew numbers its connections anew: the same id then names another call than the row that was clicked.
  const other = answer.state === 'ready' && fromFeed !== undefined && answer.value.row.timestamp !== fromFeed.timestamp;
  const fetched: typeof answer = other ? { state: 'failed', code: 'unknown', message: 'the id now names another call' } : answer;
  // Only the stream knows which other leg of the call it was joined with.
  const row: Row | undefined = fetched.state === 'ready' ? { ...fetched.value.row, ...(fromFeed?.nat && { nat: fromFeed.nat }) } : fromFeed;

  const tabs = useTabs(row);
  const shown = tabs.includes(tab) ? tab : row?.kind === 'connection' ? 'connection' : 'request';

  return (
    <aside className="detail" aria-label="Details of the selected entry">
      <div className="detail-bar">
        <Tooltip label="Older (k)">
          <ActionIcon aria-label="Older entry" size={26} onClick={() => moveSelection(-1)}>
            ↑
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Newer (j)">
          <ActionIcon aria-label="Newer entry" size={26} onClick={() => moveSelection(1)}>
            ↓
          </ActionIcon>
        </Tooltip>
        <span className="mono muted detail-id">{id}</span>
        <span className="spacer" />
        <CopyButton text={() => window.location.href} label="Copy a link to this entry" />
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close the details" size={26} onClick={closeEntry}>
            <Icon name="close" />
          </ActionIcon>
        </Tooltip>
      </div>
      {row && <EntryHead row={row} entry={fetched.state === 'ready' ? fetched.value.entry : null} />}
      <Tabs className="detail-tabs" value={shown} onChange={(value) => go({ tab: value as Tab })} keepMounted={false}>
        <Tabs.List>
          {tabs.map((value) => (
            <Tabs.Tab key={value} value={value}>
              {value === 'request' && row?.kind === 'event' ? 'Event' : tabLabels[value]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((value) => (
          <Tabs.Panel key={value} value={value} className="detail-panel">
            {value === 'connection' || value === 'pcap' ? (
              row && !other ? (
                value === 'pcap' ? <PacketsTab conn={row.conn} /> : <ConnectionTab conn={row.conn} />
              ) : (
                <EntryState fetched={fetched} rowKept={other} />
              )
            ) : fetched.state !== 'ready' ? (
              <EntryState fetched={fetched} rowKept={row !== undefined} />
            ) : value === 'data' ? (
              <DataTab entry={fetched.value.entry} />
            ) : value === 'k8s' ? (
              <KubernetesTab key={id} id={id} row={row ?? fetched.value.row} detail={fetched.value} />
            ) : (
              <SideTab key={id} side={value} detail={fetched.value} />
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </aside>
  );
}

/** A connection has no request: what its sides sent stands in its own tab. An event has neither packets nor a connection. */
function useTabs(row: Row | undefined): readonly Tab[] {
  const isCluster = useIsCluster();
  return TABS.filter((name) => {
    if (name === 'k8s') return isCluster;
    if (row?.kind === 'connection') return name !== 'request' && name !== 'response';
    return row?.kind !== 'event' || name === 'request' || name === 'data';
  });
}

/** Why the entry is not (or no longer) here. */
function EntryState({ fetched, rowKept }: { fetched: Fetched<unknown>; rowKept: boolean }) {
  const { stats } = useStore(session.session);
  if (fetched.state !== 'failed') return <p className="muted"><Loader size="xs" mr={8} />Loading</p>;
  if (fetched.code === 'expired')
    return (
      <Notice level="warn">
        This entry has expired: the store keeps entries {stats ? kept(stats.store.entriesTtlMs) : 'for a limited time'}.
        {rowKept && ' What its row says is all that is left.'} <span className="muted">({fetched.message})</span>
      </Notice>
    );
  if (fetched.code === 'unknown')
    return (
      <Notice level="error">
        The hub knows no such entry. {rowKept ? 'Its row is from before the hub was started anew.' : 'A link from before a restart, or to another hub?'} <span className="muted">({fetched.message})</span>
      </Notice>
    );
  return <Notice level="error">{fetched.message}</Notice>;
}
