import { Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { fetchLedger } from '../api/rest';
import type { LedgerPage } from '../api/types';
import { session } from '../app/dashboard';
import { Notice } from '../detail/Notice';
import { useFetched } from '../lib/useFetched';
import { bytes, count, percent } from '../lib/format';
import { useStore } from '../lib/store';
import { ProportionBar } from './ProportionBar';
import { WorkerTable } from './WorkerTable';
import { missingBytes, ownBytes, totalsOf } from './totals';
import '../detail/detail.css';
import './ledger.css';

const refreshMs = 2000;
const loadLedger = (_key: string, signal: AbortSignal) => fetchLedger(signal);

/** Where every byte went: dissected, or a named reason why not. */
export function LedgerView() {
  const [refresh, setRefresh] = useState(0);
  const fetched = useFetched('ledger', loadLedger, refresh);
  const { stats } = useStore(session.session);
  useEffect(() => {
    const timer = setInterval(() => setRefresh((n) => n + 1), refreshMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="ledger">
      <div className="ledger-title">
        <h1>Ledger</h1>
        <span className="muted">Every byte that was on the wire is dissected, or has a named reason why not.</span>
        <span className="spacer" />
        <a className="text-button as-link" href="#">
          Back to the feed <kbd className="muted">Esc</kbd>
        </a>
      </div>
      {fetched.state === 'loading' && <p className="muted"><Loader size="xs" mr={8} />Loading</p>}
      {fetched.state === 'failed' && <Notice level="error">{fetched.message}</Notice>}
      {fetched.state === 'ready' && <Accounts ledger={fetched.value} />}
      {fetched.state === 'ready' && <Drops ledger={fetched.value} />}
      {stats && <WorkerTable workers={stats.workers} ledgers={fetched.state === 'ready' ? fetched.value.workers : []} />}
    </div>
  );
}

function Accounts({ ledger }: { ledger: LedgerPage }) {
  const totals = totalsOf(ledger);
  const missing = missingBytes(ledger);
  const balanced = ledger.balanced && missing === 0;
  return (
    <>
      <ProportionBar ledger={totals} own={ownBytes(ledger)} width="100%" />
      <p className={`balance ${balanced ? 'good' : 'bad'}`}>
        <strong>{balanced ? '✓ Balanced' : '✕ Not balanced'}</strong>{' '}
        <span>
          {count(ledger.wire)} on the wire = {count(totals.dissected)} dissected + {count(totals.opaque)} opaque + {count(totals.lost)} lost +{' '}
          {count(totals.pending)} pending{missing !== 0 && `; ${count(Math.abs(missing))} bytes ${missing > 0 ? 'have no account' : 'are counted twice'}`} (bytes)
        </span>
      </p>
      <div className="table-scroll">
        <table className="figures accounts">
          <thead>
            <tr>
              <th>Class</th>
              <th>Account</th>
              <th className="number">Bytes</th>
              <th className="number">Share</th>
              <th className="number">Packets</th>
              <th>What it means</th>
              <th>What to do</th>
            </tr>
          </thead>
          <tbody>
            {(['dissected', 'opaque', 'lost'] as const).flatMap((of) =>
              ledger.accounts
                .filter((account) => account.class === of)
                .sort((a, b) => b.bytes - a.bytes)
                .map((account) => (
                  <tr key={`${of} ${account.code}`} className={account.bytes === 0 ? 'muted' : undefined}>
                    <td className="nowrap">
                      <i className={`swatch ${account.code === 'self' ? 'own' : of}`} /> {of}
                    </td>
                    <td>
                      <b>{account.title}</b>
                      <div className="mono muted">{account.code}</div>
                    </td>
                    <td className="number" title={`${count(account.bytes)} bytes`}>
                      {bytes(account.bytes)}
                    </td>
                    <td className="number">{percent(account.bytes, ledger.wire)}</td>
                    <td className="number">{account.packets === 0 ? '–' : count(account.packets)}</td>
                    <td>{account.doc}</td>
                    <td>{account.remedy || <span className="muted">nothing</span>}</td>
                  </tr>
                )),
            )}
            <tr>
              <td className="nowrap">
                <i className="swatch pending" /> pending
              </td>
              <td>
                <b>Not decided yet</b>
              </td>
              <td className="number">{bytes(ledger.pending)}</td>
              <td className="number">{percent(ledger.pending, ledger.wire)}</td>
              <td className="number">–</td>
              <td>Bytes of messages that are still arriving, or wait for a hole to be filled.</td>
              <td className="muted">wait</td>
            </tr>
          </tbody>
          <tfoot>
            <tr>
              <td colSpan={2}>On the wire</td>
              <td className="number" title={`${count(ledger.wire)} bytes`}>
                {bytes(ledger.wire)}
              </td>
              <td className="number">100 %</td>
              <td colSpan={3} />
            </tr>
          </tfoot>
        </table>
      </div>
    </>
  );
}

function Drops({ ledger }: { ledger: LedgerPage }) {
  const drops = ledger.drops.filter((drop) => drop.packets > 0 || drop.bytes > 0);
  return (
    <section className="section">
      <h2>Drops by cause</h2>
      {drops.length === 0 ? (
        <p className="muted">✓ Nothing was dropped.</p>
      ) : (
        <table className="figures compact">
          <thead>
            <tr>
              <th>Cause</th>
              <th className="number">Packets</th>
              <th className="number">Bytes</th>
            </tr>
          </thead>
          <tbody>
            {drops.map((drop) => (
              <tr key={drop.code}>
                <td>
                  {drop.title ?? drop.code} <span className="mono muted">{drop.code}</span>
                </td>
                <td className="number">{count(drop.packets)}</td>
                <td className="number">{bytes(drop.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
