import { useEffect } from 'react';

/** Runs `ask` now and then every `periodMs`, while the page is visible: nobody looks at the figures of a hidden tab. */
export function usePolled(ask: () => void, periodMs: number, active = true): void {
  useEffect(() => {
    if (!active) return;
    const look = () => document.visibilityState === 'visible' && ask();
    look();
    const timer = setInterval(look, periodMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [ask, periodMs, active]);
}
