import type { Ledger, WorkerStats } from '../api/types';
import { bytes, count, percent } from '../lib/format';
import { totalsOf } from './totals';

export function WorkerTable({ workers, ledgers }: { workers: WorkerStats[]; ledgers: { node: string; ledger: Ledger }[] }) {
  return (
    <section className="section">
      <h2>Workers</h2>
      <div className="table-scroll">
        <table className="figures">
          <thead>
            <tr>
              <th>Node</th>
              <th>State</th>
              <th>Capture</th>
              <th className="number">Packets</th>
              <th className="number">Bytes</th>
              <th className="number">Connections</th>
              <th className="number">Dissected</th>
              <th className="number">RSS</th>
              <th className="number">Heap</th>
              <th>Drops</th>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => {
              const ledger = ledgers.find((l) => l.node === worker.node)?.ledger;
              const drops = worker.drops.filter((drop) => drop.packets > 0 || drop.bytes > 0);
              return (
                <tr key={worker.node}>
                  <td>
                    {worker.node} <span className="muted">{worker.version}</span>
                  </td>
                  <td className="nowrap">{worker.connected ? '✓ connected' : <b className="bad-text" title={worker.problem}>✕ away</b>}</td>
                  <td>{worker.backend}</td>
                  <td className="number">{count(worker.packets)}</td>
                  <td className="number">{bytes(worker.bytes)}</td>
                  <td className="number">{count(worker.liveConnections)}</td>
                  <td className="number">{ledger ? percent(totalsOf(ledger).dissected, ledger.wire) : '–'}</td>
                  <td className="number">{bytes(worker.rssBytes)}</td>
                  <td className="number">{bytes(worker.heapBytes)}</td>
                  <td>
                    {drops.length === 0 ? 'none' : drops.map((drop) => <div key={drop.code}>{`${drop.code}: ${count(drop.packets)} packets, ${bytes(drop.bytes)}`}</div>)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
