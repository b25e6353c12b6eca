/** A picture may take this share of the page's time; the rest is for scrolling, typing and the other tabs. */
const timeShareMax = 0.2;
const intervalMaxMs = 500;

/**
 * Runs `work` on an animation frame, at most once per `intervalMs`, however often it is asked for: the feed may hear of new rows
 * a hundred times a second, but the eye needs no more than ten pictures. Where a picture is dear (script, layout and paint: a slow
 * or busy machine) they come less often, so that the page stays quick.
 */
export function pace(work: () => void, intervalMs: number): () => void {
  let asked = false;
  let lastRun = -Infinity;
  let costMs = 0; // smoothed
  return () => {
    if (asked) return;
    asked = true;
    const pauseMs = Math.min(intervalMaxMs, Math.max(intervalMs, costMs / timeShareMax));
    setTimeout(() => {
      requestAnimationFrame(() => {
        asked = false;
        lastRun = performance.now();
        work();
        afterPaint(() => (costMs += (performance.now() - lastRun - costMs) / 4));
      });
    }, Math.max(0, lastRun + pauseMs - performance.now()));
  };
}

/** A message is the first task after the frame that is being made. */
function afterPaint(run: () => void): void {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    channel.port1.close();
    run();
  };
  channel.port2.postMessage(null);
}
