import { Loader } from '@mantine/core';
import { applyFilter, session } from '../app/dashboard';
import { awayText, sharedBlindSpots } from '../cluster/blindSpots';
import { cluster, editingTargets } from '../cluster/clusterState';
import { countWords, ruleWords } from '../cluster/targetRule';
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
  if (hello?.mode === 'cluster') return <EmptyCluster />;
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

/** The first of the reasons, from the nearest to the farthest, that a cluster shows nothing. */
function EmptyCluster() {
  const { stats, targets } = useStore(session.session);
  const { targets: known, workers } = useStore(cluster);
  const all = stats?.workers ?? [];
  const packets = all.reduce((sum, worker) => sum + worker.packets, 0);
  const edit = (
    <button type="button" className="text-button" onClick={() => editingTargets.set(true)}>
      Edit the targets
    </button>
  );
  if (targets && targets.counts.pods === 0)
    return (
      <Message title="No pod is targeted">
        <p>
          The rule is <code className="mono">{ruleWords(targets)}</code>; {known ? `of ${count(known.pods.length)} pods none matches it now.` : 'no pod matches it now.'} One that appears later and matches is captured at
          once.
        </p>
        {edit}
      </Message>
    );
  if (all.length === 0)
    return (
      <Message title="No worker is there yet">
        The hub knows no worker pod. <code className="mono">kubectl get daemonset kubeshark-worker-daemon-set</code> tells why none is scheduled.
      </Message>
    );
  if (all.every((worker) => !worker.connected))
    return (
      <Message title="No worker is connected">
        <p>{awayText(all)}.</p> <a href="#/nodes">Nodes</a>
      </Message>
    );
  const words = targets && countWords(targets.counts);
  const blind = sharedBlindSpots(workers ?? []).length;
  return (
    <Message title="No call by a targeted pod yet">
      <p>
        {words ? `${words.pods} in ${words.namespaces} ${targets.counts.pods === 1 ? 'is' : 'are'} targeted` : 'The targets are being read'}; {count(packets)} packets were seen on{' '}
        {count(all.length)} {all.length === 1 ? 'node' : 'nodes'} ({rate(stats?.rates.packetsPerSecond ?? 0)} a second now).{' '}
        {packets > 0 ? (
          <>
            The <a href="#/ledger">ledger</a> says what they are: traffic of pods that are not targeted has its own account.
          </>
        ) : (
          'A row will show here as soon as one of these pods calls or is called.'
        )}
      </p>
      {blind > 0 && (
        <p>
          Mind the <a href="#/nodes">{blind === 1 ? 'blind spot' : `${blind} blind spots`}</a>.
        </p>
      )}
      {edit}
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
