import { useState } from 'react';
import { following, session } from '../app/dashboard';
import { useStore } from '../lib/store';

/** At the top of the feed: what the store still has beyond the history that was brought. */
export function OlderRows() {
  const { olderInStore, first, end, received } = useStore(session.feed);
  const [state, setState] = useState<'idle' | 'loading' | string>('idle');
  const evicted = received > end - first && end - first >= session.ring.capacity;
  if (evicted || !olderInStore) return null;
  const load = () => {
    following.set(false);
    setState('loading');
    session.loadOlder().then(
      () => setState('idle'),
      (error: Error) => setState(error.message),
    );
  };
  return (
    <div className="feed-older">
      <button type="button" className="text-button" disabled={state === 'loading'} onClick={load}>
        {state === 'loading' ? 'Loading…' : 'Load older rows from the store'}
      </button>
      {state !== 'idle' && state !== 'loading' && <span className="muted"> {state}</span>}
    </div>
  );
}
