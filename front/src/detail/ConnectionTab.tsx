import { Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { fetchConnection } from '../api/rest';
import type { ConnectionDetail, Ledger } from '../api/types';
import { ProportionBar } from '../ledger/ProportionBar';
import { totalsOf } from '../ledger/totals';
import { bytes, count, dateTime, duration, percent } from '../lib/format';
import { useFetched } from '../lib/useFetched';
import { Notice } from './Notice';
import { EndpointValue } from './EndpointValue';
import { SectionView } from './SectionView';
import { Value } from './Value';

const refreshMs = 2000;

/** The transport below the call: state, bytes, packets, health, and where the connection's bytes went. */
export function ConnectionTab({ conn }: { conn: string }) {
  const [refresh, setRefresh] = useState(0);
  const fetched = useFetched(conn, fetchConnection, refresh);
  useEffect(() => {
    const timer = setInterval(() => setRefresh((n) => n + 1), refreshMs);
    return () => clearInterval(timer);
  }, [conn]);

  if (fetched.state === 'loading') return <p className="muted"><Loader size="xs" mr={8} />Loading</p>;
  if (fetched.state === 'failed') return <Notice level={fetched.code === 'expired' ? 'warn' : 'error'}>{fetched.message}</Notice>;
  const c = fetched.value;
  return (
    <div className="detail-scroll">
      <section className="section">
        <h3>
          {c.transport.toUpperCase()} connection <span className="state-tag">{c.state}</span>
        </h3>
        <Sides connection={c} />
        <p className="muted">{lifetime(c)}</p>
      </section>
      {c.health.length > 0 && <Health connection={c} />}
      {c.sections.map((section, i) => (
        <SectionView key={i} section={section} />
      ))}
      {c.ledger && <ConnectionLedger ledger={c.ledger} />}
    </div>
  );
}

function lifetime(c: ConnectionDetail): string {
  const startMs = Number(BigInt(c.startTime) / 1000n) / 1000;
  const spoken = c.protocols.length > 0 ? `speaks ${c.protocols.join(', ')}` : 'no protocol recognised';
  if (!c.endTime) return `${spoken} · since ${dateTime(startMs)}`;
  const lastedUs = Number((BigInt(c.endTime) - BigInt(c.startTime)) / 1000n);
  return `${spoken} · ${dateTime(startMs)}, lasted ${duration(lastedUs)}`;
}

function Sides({ connection }: { connection: ConnectionDetail }) {
  return (
    <table className="figures">
      <thead>
        <tr>
          <th />
          <th>Endpoint</th>
          <th className="number">Packets sent</th>
          <th className="number">Bytes sent</th>
        </tr>
      </thead>
      <tbody>
        {(['client', 'server'] as const).map((side) => (
          <tr key={side}>
            <th scope="row">{side === 'client' ? 'Client' : 'Server'}</th>
            <td>
              <EndpointValue end={connection[side]} side={side === 'client' ? 'src' : 'dst'} />
            </td>
            <td className="number">{count(connection[side].packets)}</td>
            <td className="number" title={`${count(connection[side].bytes)} bytes`}>
              {bytes(connection[side].bytes)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Health({ connection }: { connection: ConnectionDetail }) {
  return (
    <section className="section">
      <h3>Health</h3>
      <table className="figures">
        <tbody>
          {connection.health.map((figure) => (
            <tr key={figure.name}>
              <th scope="row">{figure.title}</th>
              <td className="number with-add">
                <Value text={healthValue(figure.value, figure.unit)} selector={figure.selector} />
              </td>
              <td className="muted">{figure.doc}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function healthValue(value: number | string | null, unit: string): string {
  if (value === null) return 'unknown';
  if (typeof value === 'string') return value;
  if (unit === 'us' || unit === 'µs') return duration(value);
  if (unit === 'bytes') return bytes(value);
  return `${Number.isInteger(value) ? count(value) : value}${unit ? ` ${unit}` : ''}`;
}

function ConnectionLedger({ ledger }: { ledger: Ledger }) {
  return (
    <section className="section">
      <h3>Where its bytes went</h3>
      <ProportionBar ledger={totalsOf(ledger)} width="100%" />
      <table className="figures">
        <tbody>
          {ledger.accounts.map((account) => (
            <tr key={`${account.class} ${account.code}`}>
              <th scope="row">
                <i className={`swatch ${account.class}`} /> {account.title}
              </th>
              <td>{account.class}</td>
              <td className="number">{bytes(account.bytes)}</td>
              <td className="number">{percent(account.bytes, ledger.wire)}</td>
            </tr>
          ))}
          {ledger.pending > 0 && (
            <tr>
              <th scope="row">
                <i className="swatch pending" /> Not decided yet
              </th>
              <td>pending</td>
              <td className="number">{bytes(ledger.pending)}</td>
              <td className="number">{percent(ledger.pending, ledger.wire)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
