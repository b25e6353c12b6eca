/**
 * Runs `work` on an animation frame, at most once per `intervalMs`, however often it is asked for: the feed may hear of new rows
 * a hundred times a second, but the eye and the other tabs need no more than ten pictures.
 */
export function pace(work: () => void, intervalMs: number): () => void {
  let asked = false;
  let lastRun = -Infinity;
  return () => {
    if (asked) return;
    asked = true;
    const waitMs = Math.max(0, lastRun + intervalMs - performance.now());
    setTimeout(() => {
      requestAnimationFrame(() => {
        asked = false;
        lastRun = performance.now();
        work();
      });
    }, waitMs);
  };
}
