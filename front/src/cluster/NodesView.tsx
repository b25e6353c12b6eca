import { Loader } from '@mantine/core';
import type { ClusterWorker } from '../api/types';
import { session } from '../app/dashboard';
import { Notice } from '../detail/Notice';
import { bytes, count } from '../lib/format';
import { useStore } from '../lib/store';
import { usePolled } from '../lib/usePolled';
import { listed, sharedBlindSpots } from './blindSpots';
import { askWorkers, cluster, useIsCluster } from './clusterState';
import '../detail/detail.css';
import '../ledger/ledger.css';
import './cluster.css';

const refreshMs = 2000;

/** What each node's worker does, drops and cannot see. */
export function NodesView() {
  const { workers, workersProblem } = useStore(cluster);
  const isCluster = useIsCluster();
  const { stats } = useStore(session.session);
  usePolled(askWorkers, refreshMs);
  const shown = workers ?? (isCluster || !stats ? null : stats.workers.map(fromStats));
  return (
    <div className="ledger nodes">
      <div className="ledger-title">
        <h1>Nodes</h1>
        <span className="muted">One worker on each: what it takes in, what it loses, what it cannot see.</span>
        <span className="spacer" />
        <a className="text-button as-link" href="#">
          Back to the feed <kbd className="muted">Esc</kbd>
        </a>
      </div>
      {workersProblem && isCluster && <Notice level="error">{shown ? `These figures are old. ${workersProblem}` : workersProblem}</Notice>}
      {shown === null ? !workersProblem && <p className="muted"><Loader size="xs" mr={8} />Loading</p> : <Workers workers={shown} />}
    </div>
  );
}

/** A hub that has no workers' page still says the same of its one worker. */
function fromStats(worker: { node: string; liveConnections: number } & Omit<ClusterWorker, 'worker' | 'entries' | 'connections' | 'blind'>): ClusterWorker {
  return { ...worker, worker: worker.node, entries: 0, connections: worker.liveConnections, blind: [] };
}

function Workers({ workers }: { workers: ClusterWorker[] }) {
  if (workers.length === 0)
    return <Notice level="warn">The hub knows no worker. Is the DaemonSet there? kubectl get daemonset kubeshark-worker-daemon-set; pods: kubectl get pods -l app.kubernetes.io/component=worker</Notice>;
  const here = workers.filter((worker) => worker.connected).length;
  const sum = (of: (worker: ClusterWorker) => number) => workers.reduce((total, worker) => total + of(worker), 0);
  const dropped = sum((worker) => worker.drops.reduce((packets, drop) => packets + drop.packets, 0));
  const spots = sharedBlindSpots(workers);
  const versions = new Set(workers.filter((worker) => worker.connected).map((worker) => worker.version));
  return (
    <>
      <dl className="node-sums">
        <Sum title="Connected" value={`${here} of ${workers.length}`} bad={here < workers.length} />
        <Sum title="Packets" value={count(sum((worker) => worker.packets))} />
        <Sum title="Bytes" value={bytes(sum((worker) => worker.bytes))} />
        <Sum title="Dropped packets" value={count(dropped)} bad={dropped > 0} />
        <Sum title="Blind spots" value={count(spots.length)} bad={spots.length > 0} />
      </dl>
      {versions.size > 1 && <Notice level="warn">Workers of different versions: {[...versions].join(', ')}. An upgrade is under way, or stuck: kubectl rollout status daemonset/kubeshark-worker-daemon-set</Notice>}
      {spots.length > 0 && (
        <section className="section">
          <h2>Blind spots</h2>
          <ul className="blind-spots">
            {spots.map((spot) => (
              <li key={`${spot.code} ${spot.text}`}>
                <b>◐ {spot.text}</b> <span className="mono muted">{spot.code}</span>
                <div>
                  On {spot.nodes.length === workers.length && workers.length > 1 ? `all ${workers.length} nodes` : listed(spot.nodes, 12)}.
                  {spot.remedy && <> What to do: {spot.remedy}</>}
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      <NodeTable workers={workers} />
    </>
  );
}

function Sum({ title, value, bad }: { title: string; value: string; bad?: boolean }) {
  return (
    <div className={bad ? 'bad' : undefined}>
      <dt>{title}</dt>
      <dd>
        {bad && '▲ '}
        {value}
      </dd>
    </div>
  );
}

function NodeTable({ workers }: { workers: ClusterWorker[] }) {
  const sorted = [...workers].sort((a, b) => Number(a.connected) - Number(b.connected) || a.node.localeCompare(b.node));
  return (
    <section className="section">
      <h2>Workers</h2>
      <div className="table-scroll">
        <table className="figures nodes-table">
          <thead>
            <tr>
              <th>Node</th>
              <th>State</th>
              <th className="number" title="Targeted pods, as this worker counts them">Pods</th>
              <th className="number">Packets</th>
              <th className="number">Bytes</th>
              <th className="number">Entries</th>
              <th className="number">Connections</th>
              <th>Drops by cause</th>
              <th className="number">Memory</th>
              <th>Capture</th>
              <th>Version</th>
              <th>Blind</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((worker) => (
              <NodeRow key={worker.worker || worker.node} worker={worker} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function NodeRow({ worker }: { worker: ClusterWorker }) {
  const drops = worker.drops.filter((drop) => drop.packets > 0 || drop.bytes > 0);
  return (
    <tr className={worker.connected ? undefined : 'away'}>
      <td>
        <b>{worker.node || worker.worker}</b>
      </td>
      <td>{worker.connected ? <span className="good-text nowrap">✓ connected</span> : <span className="bad-text">✕ away{worker.problem && `: ${worker.problem}`}</span>}</td>
      <td className="number">{worker.targetedPods === undefined ? '–' : count(worker.targetedPods)}</td>
      <td className="number">{count(worker.packets)}</td>
      <td className="number">{bytes(worker.bytes)}</td>
      <td className="number">{count(worker.entries)}</td>
      <td className="number">{count(worker.connections)}</td>
      <td>
        {drops.length === 0
          ? 'none'
          : drops.map((drop) => (
              <div key={drop.code} title={drop.code} className="bad-text">
                {drop.title ?? drop.code}: {count(drop.packets)} packets, {bytes(drop.bytes)}
              </div>
            ))}
      </td>
      <td className="number" title="Resident memory of the process; of it the Java heap">
        {bytes(worker.rssBytes)} <span className="muted">heap {bytes(worker.heapBytes)}</span>
      </td>
      <td>{worker.backend}</td>
      <td className="mono">{worker.version}</td>
      <td>{worker.blind.length === 0 ? 'nothing' : worker.blind.map((spot) => <div key={spot.code} title={`${spot.text} ${spot.remedy}`}>◐ {spot.code}</div>)}</td>
    </tr>
  );
}
