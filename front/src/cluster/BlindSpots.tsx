import { useState } from 'react';
import { useStore } from '../lib/store';
import { listed, sharedBlindSpots } from './blindSpots';
import { cluster } from './clusterState';

const bannersMax = 3;

/** A banner for each thing that some node cannot see. Hidden ones stay on the nodes page, and come back with another node. */
export function BlindSpots() {
  const { workers } = useStore(cluster);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const spots = sharedBlindSpots(workers ?? []).map((spot) => ({ ...spot, key: `${spot.code} ${spot.text} ${spot.nodes.join(' ')}` }));
  const shown = spots.filter((spot) => !hidden.has(spot.key));
  return (
    <>
      {shown.slice(0, bannersMax).map((spot) => (
        <div key={spot.key} className="banner warn" role="alert">
          <strong>◐ Blind spot</strong>
          <span>
            {spot.text} <span className="muted">({listed(spot.nodes)})</span> {spot.remedy && <>Remedy: {spot.remedy}</>}
          </span>
          <span className="spacer" />
          <a href="#/nodes">Nodes</a>
          <button type="button" className="text-button" onClick={() => setHidden(new Set([...hidden, spot.key]))}>
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
