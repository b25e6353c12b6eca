import { useEffect, useState } from 'react';
import { validateKfl } from '../api/rest';
import type { KflError } from '../api/types';

export type Verdict = { state: 'empty' | 'checking' | 'valid' | 'unknown' } | { state: 'invalid'; error: KflError };

const typingPauseMs = 200;

/** Asks the hub whether a filter holds, once the typing pauses. "unknown" = the hub did not answer. */
export function useValidation(kfl: string): Verdict {
  const [verdict, setVerdict] = useState<Verdict>({ state: 'empty' });
  useEffect(() => {
    if (kfl.trim() === '') {
      setVerdict({ state: 'empty' });
      return;
    }
    setVerdict({ state: 'checking' });
    const abort = new AbortController();
    const timer = setTimeout(() => {
      validateKfl(kfl, abort.signal).then(
        (answer) => setVerdict(answer.ok ? { state: 'valid' } : { state: 'invalid', error: answer.error }),
        () => abort.signal.aborted || setVerdict({ state: 'unknown' }),
      );
    }, typingPauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [kfl]);
  return verdict;
}
