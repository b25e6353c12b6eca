import { Loader } from '@mantine/core';
import { applyFilter, session } from '../app/dashboard';
import { count, rate } from '../lib/format';
import { useStore } from '../lib/store';

/** Why there is nothing to see: each case has its own sentence and its own way out. */
export function EmptyFeed() {
  const { phase, everOpen, hello, stats, applied, ended } = useStore(session.session);
  const { historyDone } = useStore(session.feed);

  if (phase.name !== 'open')
    return (
      <Message title={everOpen ? 'Disconnected' : 'Connecting to the hub'} busy={phase.name === 'connecting'}>
        {phase.name === 'waiting' ? 'The hub does not answer; the banner above counts down to the next attempt.' : 'This takes a moment.'}
      </Message>
    );
  if (applied === null)
    return (
      <Message title="No filter is applied">
        The hub refused the filter in the address bar, so nothing is streamed. Correct it above, or{' '}
        <button type="button" className="link-button" onClick={() => applyFilter('')}>
          show everything
        </button>
        .
      </Message>
    );
  if (!historyDone) return <Message title="Reading the store" busy>Looking for matching rows.</Message>;
  if (applied !== '')
    return (
      <Message title="Nothing matches the filter">
        <p>
          <code className="mono">{applied}</code>
        </p>
        <p>
          {stats && `${count(stats.store.entries)} entries are in the store, ${rate(stats.rates.entriesPerSecond)} arrive each second. `}
          {ended === null ? 'A row will show here as soon as one matches. ' : ''}
        </p>
        <button type="button" className="text-button" onClick={() => applyFilter('')}>
          Remove the filter
        </button>
      </Message>
    );
  if (hello?.mode === 'pcap')
    return (
      <Message title={ended === null ? 'Reading the file' : 'No API call in this file'} busy={ended === null}>
        {ended === null ? hello.source : 'The ledger says what the bytes in it are.'} <a href="#/ledger">Ledger</a>
      </Message>
    );
  const packets = stats?.workers.reduce((sum, worker) => sum + worker.packets, 0) ?? 0;
  return (
    <Message title="Listening, nothing captured yet">
      {packets > 0 ? (
        <p>
          {count(packets)} packets came from {hello?.source ?? 'the source'} ({rate(stats?.rates.packetsPerSecond ?? 0)} a second now), but none of them completed
          an API call yet. The <a href="#/ledger">ledger</a> says what their bytes are.
        </p>
      ) : (
        <>
          <p>No packet has come from {hello?.source ?? 'the source'}. Make some traffic, for example:</p>
          <pre className="mono">curl http://127.0.0.1:PORT/</pre>
        </>
      )}
    </Message>
  );
}

function Message({ title, busy, children }: { title: string; busy?: boolean; children: React.ReactNode }) {
  return (
    <div className="feed-empty" role="status">
      <h2>
        {busy && <Loader size="xs" mr={8} />}
        {title}
      </h2>
      <div className="muted">{children}</div>
    </div>
  );
}
