import { useEffect, useState } from 'react';
import { ApiError } from '../api/rest';

export type Fetched<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; code: string; message: string };

/**
 * The answer for `key`; an answer that comes after the key changed is discarded. `null` fetches nothing. While the next answer is on
 * its way the state is "loading", never the last answer: a pane must not show one entry under another's name.
 */
export function useFetched<T>(key: string | null, load: (key: string, signal: AbortSignal) => Promise<T>, refresh = 0): Fetched<T> {
  const [fetched, setFetched] = useState<{ key: string | null; result: Fetched<T> }>({ key: null, result: { state: 'loading' } });
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    load(key, abort.signal).then(
      (value) => abort.signal.aborted || setFetched({ key, result: { state: 'ready', value } }),
      (error: Error) => {
        if (abort.signal.aborted) return;
        const code = error instanceof ApiError ? error.code : 'failed';
        setFetched({ key, result: { state: 'failed', code, message: error.message } });
      },
    );
    return () => abort.abort();
  }, [key, load, refresh]);
  return fetched.key === key ? fetched.result : { state: 'loading' };
}
