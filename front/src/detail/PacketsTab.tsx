import { Loader } from '@mantine/core';
import { useMemo, useState, type KeyboardEvent } from 'react';
import { fetchPackets, pcapUrl } from '../api/rest';
import type { PacketInfo } from '../api/types';
import { Icon } from '../app/Icon';
import { fromHex } from '../lib/bytes';
import { timeOfDay } from '../lib/format';
import { useFetched } from '../lib/useFetched';
import { HexView } from './HexView';
import { Notice } from './Notice';

const packetsMax = 500;
const loadPackets = (conn: string, signal: AbortSignal) => fetchPackets(conn, packetsMax, signal);

export function PacketsTab({ conn }: { conn: string }) {
  const [refresh, setRefresh] = useState(0);
  const fetched = useFetched(conn, loadPackets, refresh);
  const [chosen, setChosen] = useState(0);

  if (fetched.state === 'loading') return <p className="muted"><Loader size="xs" mr={8} />Loading</p>;
  const packets = fetched.state === 'ready' ? fetched.value.packets : [];
  const packet = packets[Math.min(chosen, packets.length - 1)];
  return (
    <div className="detail-fill">
      <div className="body-head">
        <h3>Packets of the connection</h3>
        <span className="muted">{packets.length} here</span>
        <span className="spacer" />
        <button type="button" className="text-button" onClick={() => setRefresh((n) => n + 1)}>
          Reload
        </button>
        {packets.length > 0 && (
          <a className="text-button as-link" href={pcapUrl(conn)} download>
            <Icon name="download" size={13} /> pcapng
          </a>
        )}
      </div>
      {fetched.state === 'failed' && <Notice level={fetched.code === 'expired' ? 'warn' : 'error'}>{fetched.message}</Notice>}
      {fetched.state === 'ready' && fetched.value.note && <Notice level="info">{fetched.value.note}</Notice>}
      {fetched.state === 'ready' && fetched.value.truncated && (
        <Notice level="info">Only the first {packetsMax} packets are listed; the download has all that are stored.</Notice>
      )}
      {fetched.state === 'ready' && packets.length === 0 && <p className="muted">No packet of this connection is stored (any more).</p>}
      {packet && (
        <>
          <PacketList packets={packets} chosen={packets.indexOf(packet)} onChoose={setChosen} />
          <PacketBytes key={packet.number} packet={packet} />
        </>
      )}
    </div>
  );
}

function PacketList({ packets, chosen, onChoose }: { packets: PacketInfo[]; chosen: number; onChoose(index: number): void }) {
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = Math.min(packets.length - 1, Math.max(0, chosen + step));
    onChoose(next);
    document.getElementById(`packet-${next}`)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div className="packets" role="listbox" aria-label="Packets" tabIndex={0} onKeyDown={onKey} aria-activedescendant={`packet-${chosen}`}>
      {packets.map((packet, i) => (
        <div key={packet.number} id={`packet-${i}`} className={`packet mono ${i === chosen ? 'selected' : ''}`} role="option" aria-selected={i === chosen} onClick={() => onChoose(i)}>
          <span className="number">{packet.number}</span>
          <span className="muted">{timeOfDay(packet.timestamp)}</span>
          <span title={`sent by the ${packet.direction}`}>{packet.direction === 'client' ? 'C → S' : 'C ← S'}</span>
          <span className="number">{packet.length}</span>
          <span className="packet-summary" title={packet.summary}>
            {packet.summary}
          </span>
        </div>
      ))}
    </div>
  );
}

function PacketBytes({ packet }: { packet: PacketInfo }) {
  const bytes = useMemo(() => fromHex(packet.hex), [packet]);
  const [emphasis, setEmphasis] = useState(-1);
  return (
    <>
      <div className="layers">
        {packet.layers.map((layer, i) => (
          <button key={i} type="button" className={`layer layer-${i % 6}`} aria-pressed={emphasis === i} onClick={() => setEmphasis(emphasis === i ? -1 : i)}>
            {layer.name}{' '}
            <span className="layer-range">
              {layer.offset}–{layer.offset + layer.length - 1}
            </span>
          </button>
        ))}
        {packet.capturedLength < packet.length && (
          <span className="muted">
            {packet.capturedLength} of {packet.length} bytes captured
          </span>
        )}
      </div>
      <HexView bytes={bytes} layers={packet.layers} emphasis={emphasis} label="Bytes of the packet" />
    </>
  );
}
