import type { DropCounter, Stats } from '../api/types';
import { bytes, count, duration, kept, percent, rate } from '../lib/format';
import { useStore } from '../lib/store';
import { ProportionBar } from '../ledger/ProportionBar';
import { session } from './dashboard';

/** The counters that say how much of the truth the feed is: kept, not shown, dropped, and where every byte went. */
export function Footer() {
  const feed = useStore(session.feed);
  const { stats, phase, hello } = useStore(session.session);
  const rowsKept = Math.min(feed.received, feed.end - feed.first); // lines are rows and a few notices
  return (
    <footer className="footer">
      <span title="Rows received since the filter was applied">
        shown <b>{count(feed.received)}</b>
      </span>
      <span title={`Rows kept in this browser, of at most ${count(session.ring.capacity)}; the oldest go first`}>
        kept <b>{count(rowsKept)}</b>
      </span>
      <span
        className={feed.notShown > 0 ? 'bad' : undefined}
        title="Rows that matched but were not sent: this browser was too slow, or the feed was paused. They are in the hub's store."
      >
        {feed.notShown > 0 ? `▲ not shown ${count(feed.notShown)}` : <>not shown <b>0</b></>}
      </span>
      {stats && phase.name === 'open' && <Rates stats={stats} live={hello?.mode !== 'pcap'} />}
      <span className="spacer" />
      {stats && <LedgerLine stats={stats} />}
    </footer>
  );
}

/** @param live whether time goes on; a file's ends with its newest entry */
function Rates({ stats, live }: { stats: Stats; live: boolean }) {
  const { rates, store } = stats;
  const depthS = store.entries > 0 ? Math.round(((live ? stats.now : store.newest) - store.oldest) / 1000) : 0;
  return (
    <>
      <span>
        <b>{rate(rates.entriesPerSecond)}</b> entries/s
      </span>
      <span title={`${bytes(rates.bytesPerSecond)}/s`}>
        <b>{rate(rates.packetsPerSecond)}</b> packets/s
      </span>
      <span
        title={
          `${count(store.entries)} entries (${bytes(store.entryBytes)}), kept ${kept(store.entriesTtlMs)}; ` +
          `packets (${bytes(store.packetBytes)}), kept ${kept(store.packetsTtlMs)}`
        }
      >
        store <b>{bytes(store.entryBytes + store.packetBytes)}</b>
        {depthS > 0 && <>, <b>{duration(depthS * 1e6)}</b> deep</>}
      </span>
    </>
  );
}

function LedgerLine({ stats }: { stats: Stats }) {
  const { wire, dissected, opaque, lost, pending } = stats.ledger;
  const own = Math.min(opaque, stats.ownBytes ?? 0);
  const drops = dropsByCause(stats);
  return (
    <a className="footer-ledger" href="#/ledger" title="Every byte on the wire is dissected, or has a named reason why not. Click for the ledger.">
      <span className={drops.length > 0 ? 'bad' : undefined}>
        {drops.length === 0 ? 'no drops' : `▲ drops: ${drops.map((drop) => `${drop.code} ${count(drop.packets)}`).join(', ')}`}
      </span>
      <ProportionBar ledger={stats.ledger} own={own} width={90} />
      <span>
        <b>{bytes(wire)}</b> wire = {percent(dissected, wire)} dissected + {percent(opaque - own, wire)} opaque +{' '}
        {own > 0 && <>{percent(own, wire)} Kubeshark’s own + </>}
        <span className={lost > 0 ? 'bad' : undefined}>{percent(lost, wire)} lost</span>
        {pending > 0 && <> + {percent(pending, wire)} pending</>}
      </span>
    </a>
  );
}

export function dropsByCause(stats: Stats): DropCounter[] {
  const causes = new Map<string, DropCounter>();
  for (const drop of stats.workers.flatMap((worker) => worker.drops)) {
    const sum = causes.get(drop.code) ?? { code: drop.code, packets: 0, bytes: 0 };
    causes.set(drop.code, { code: drop.code, packets: sum.packets + drop.packets, bytes: sum.bytes + drop.bytes });
  }
  return [...causes.values()].filter((drop) => drop.packets > 0 || drop.bytes > 0);
}
