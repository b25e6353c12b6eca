import { useEffect, useState } from 'react';
import { BlindSpots } from '../cluster/BlindSpots';
import { awayText } from '../cluster/blindSpots';
import { restartText } from '../cluster/restarts';
import { Loader } from '@mantine/core';
import { useStore } from '../lib/store';
import { timeOfDay } from '../lib/format';
import { hubAway, session } from './dashboard';
import { place } from './location';

/** What keeps the feed from being the whole truth, in the order of gravity. */
export function Banners() {
  const { phase, everOpen, stats, ended, hello } = useStore(session.session);
  // A hub connects to its workers only when somebody looks: the first seconds without them are no news.
  const away = useLasting(awayText(stats?.workers ?? []), awayMsMin);
  const restarted = restartText(stats?.workers ?? []);
  const connected = phase.name === 'open';
  const { page } = useStore(place);
  const onNodes = page === 'nodes'; // which says the same itself, and more
  return (
    <div aria-live="polite">
      {!connected && (everOpen || phase.name === 'waiting') && <Disconnected everOpen={everOpen} />}
      {connected && stats?.overload && (
        <div className="banner warn" role="alert">
          <strong>▲ Overload</strong>
          <span>
            {stats.overload.message} <span className="muted">(cause: {stats.overload.cause}, since {timeOfDay(stats.overload.since).slice(0, 8)})</span>
          </span>
          <span className="spacer" />
          <a href="#/ledger">What is lost</a>
        </div>
      )}
      {connected && <Behind />}
      {connected && !onNodes && away !== null && (
        <div className="banner warn" role="alert">
          <strong>▲ Worker away</strong>
          <span>
            {away}. <span className="muted">Its traffic is not in the feed; the worker itself goes on storing it if it runs.</span>
          </span>
          <span className="spacer" />
          <a href="#/nodes">Nodes</a>
        </div>
      )}
      {connected && restarted !== null && (
        <div className="banner warn" role="alert">
          <strong>▲ Worker restarted</strong>
          <span>
            {restarted}. <span className="muted">Rows that this page still shows from before have no details any more; calls while it was away were not captured.</span>
          </span>
          <span className="spacer" />
          {!onNodes && <a href="#/nodes">Nodes</a>}
        </div>
      )}
      {connected && !onNodes && <BlindSpots />}
      {ended !== null && (
        <div className="banner info">
          <strong>{hello?.mode === 'pcap' ? 'End of file' : 'Stream ended'}</strong>
          <span>{ended}</span>
        </div>
      )}
    </div>
  );
}

const awayMsMin = 5000;

/** The text once there has been one for this long; it may change meanwhile. */
function useLasting(text: string | null, lastingMs: number): string | null {
  const [lasting, setLasting] = useState(false);
  const there = text !== null;
  useEffect(() => {
    setLasting(false);
    if (!there) return;
    const timer = setTimeout(() => setLasting(true), lastingMs);
    return () => clearTimeout(timer);
  }, [there, lastingMs]);
  return lasting ? text : null;
}

/** Less is nothing that a reader would notice. */
const behindMsMin = 3000;
const statsPeriodMs = 1000;

/** The hub's figures come once a second, behind the rows: late figures are late rows. */
function Behind() {
  const { behindMs, statsAt } = useStore(session.session);
  const now = useClock(statsPeriodMs);
  const behind = Math.max(behindMs, statsAt === 0 ? 0 : now - statsAt - statsPeriodMs);
  if (behind < behindMsMin) return null;
  return (
    <div className="banner warn" role="alert">
      <strong>▲ Behind</strong>
      <span>
        What you see is {Math.round(behind / 1000)} s old: the way from the hub, or this browser, is too slow for so many rows. Rows that do not fit are skipped and
        counted. A narrower filter helps.
      </span>
    </div>
  );
}

function useClock(periodMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), periodMs);
    return () => clearInterval(timer);
  }, [periodMs]);
  return now;
}

function Disconnected({ everOpen }: { everOpen: boolean }) {
  const { phase } = useStore(session.session);
  const why = useStore(hubAway);
  const seconds = useCountdown(phase.name === 'waiting' ? phase.retryAt : null);
  return (
    <div className="banner error" role="alert">
      <strong>
        <Loader size={12} color="currentColor" mr={6} />
        {everOpen ? 'Reconnecting' : 'Connecting'}
      </strong>
      <span>
        {everOpen ? 'The connection to the hub is lost; the rows below stay, and what is missed meanwhile is fetched afterwards. ' : 'The hub does not answer. Is kubeshark running? '}
        {why && <>({why.replace(/\.$/, '')}) </>}
        {phase.name === 'waiting' ? `Next attempt in ${seconds} s.` : 'Connecting…'}
        {phase.name === 'waiting' && !why && <span className="muted"> ({phase.reason})</span>}
      </span>
      <span className="spacer" />
      <button type="button" className="text-button" disabled={phase.name !== 'waiting'} onClick={() => session.retryNow()}>
        Connect now
      </button>
    </div>
  );
}

function useCountdown(until: number | null): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (until === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1000));
}
