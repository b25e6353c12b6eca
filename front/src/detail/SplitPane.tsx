import { useState, type PointerEvent as ReactPointerEvent, type ReactNode } from 'react';

const storageKey = 'kubeshark.detail-share';
const shareMin = 0.25;
const shareMax = 0.75;

function storedShare(): number {
  const share = Number(localStorage.getItem(storageKey));
  return share >= shareMin && share <= shareMax ? share : 0.5;
}

/** Feed and details side by side, with a divider to drag or to move by arrow keys; on narrow screens the details lie above the feed. */
export function SplitPane({ main, side }: { main: ReactNode; side: ReactNode }) {
  const [share, setShare] = useState(storedShare);
  const keep = (wanted: number) => {
    const next = Math.min(shareMax, Math.max(shareMin, wanted));
    setShare(next);
    localStorage.setItem(storageKey, String(next));
  };
  const drag = (event: ReactPointerEvent<HTMLDivElement>) => {
    const divider = event.currentTarget;
    const box = divider.parentElement!.getBoundingClientRect();
    divider.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => keep(1 - (moved.clientX - box.left) / box.width);
    const stop = () => {
      divider.removeEventListener('pointermove', move);
      divider.removeEventListener('pointerup', stop);
      divider.removeEventListener('pointercancel', stop);
    };
    divider.addEventListener('pointermove', move);
    divider.addEventListener('pointerup', stop);
    divider.addEventListener('pointercancel', stop);
  };
  return (
    <div className="split">
      <div className="split-main">{main}</div>
      {side && (
        <>
          <div
            className="split-divider"
            role="separator"
            aria-orientation="vertical"
            aria-label="Width of the details"
            aria-valuenow={Math.round(share * 100)}
            aria-valuemin={shareMin * 100}
            aria-valuemax={shareMax * 100}
            tabIndex={0}
            onPointerDown={drag}
            onDoubleClick={() => keep(0.5)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowLeft') keep(share + 0.03);
              else if (event.key === 'ArrowRight') keep(share - 0.03);
            }}
          />
          <div className="split-side" style={{ flexBasis: `${share * 100}%` }}>
            {side}
          </div>
        </>
      )}
    </div>
  );
}
