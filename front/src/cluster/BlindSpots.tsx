import { useState } from 'react';
import { useStore } from '../lib/store';
import { listed, sharedBlindSpots } from './blindSpots';
import { cluster } from './clusterState';

const bannersMax = 3;

const storageKey = 'kubeshark.hidden-blind-spots';
const hiddenMax = 50;

function storedHidden(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(stored) ? stored.map(String) : [];
  } catch {
    return [];
  }
}

/** A banner for each thing that some node cannot see. Hidden ones stay on the nodes page, and come back with another node. */
export function BlindSpots() {
  const { workers } = useStore(cluster);
  const [hidden, setHidden] = useState(storedHidden);
  const hide = (key: string) => {
    const next = [...hidden, key].slice(-hiddenMax);
    setHidden(next);
    localStorage.setItem(storageKey, JSON.stringify(next));
  };
  const spots = sharedBlindSpots(workers ?? []).map((spot) => ({ ...spot, key: `${spot.code} ${spot.text} ${spot.nodes.join(' ')}` }));
  const shown = spots.filter((spot) => !hidden.includes(spot.key));
  return (
    <>
      {shown.slice(0, bannersMax).map((spot) => (
        <div key={spot.key} className="banner warn" role="alert">
          <strong>◐ Blind spot</strong>
          <span>
            {spot.text} <span className="muted">({spot.nodes.length === workers?.length && spot.nodes.length > 1 ? 'all nodes' : listed(spot.nodes)})</span> {spot.remedy && <>Remedy: {spot.remedy}</>}
          </span>
          <span className="spacer" />
          <a href="#/nodes">Nodes</a>
          <button type="button" className="text-button" onClick={() => hide(spot.key)}>
            Hide
          </button>
        </div>
      ))}
      {shown.length > bannersMax && (
        <div className="banner warn">
          <strong>◐ {shown.length - bannersMax} more blind spots</strong>
          <a href="#/nodes">on the nodes page</a>
        </div>
      )}
    </>
  );
}
