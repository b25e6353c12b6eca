import { useEffect, useState } from 'react';
import { ApiError, previewTargets } from '../api/rest';
import type { TargetPreview, TargetRule } from '../api/types';

export interface Preview {
  /** what the last rule that was understood would target */
  answer: TargetPreview | null;
  asking: boolean;
  error: ApiError | null;
}

const typingPauseMs = 250;

/** Which pods a rule would target, asked once the typing pauses. */
export function usePreview(rule: TargetRule, active: boolean): Preview {
  const [preview, setPreview] = useState<Preview>({ answer: null, asking: true, error: null });
  const text = JSON.stringify(rule);
  useEffect(() => {
    if (!active) return;
    const abort = new AbortController();
    setPreview((before) => ({ ...before, asking: true }));
    const timer = setTimeout(() => {
      previewTargets(JSON.parse(text) as TargetRule, abort.signal).then(
        (answer) => setPreview({ answer, asking: false, error: null }),
        (error: Error) => {
          if (abort.signal.aborted) return;
          const known = error instanceof ApiError ? error : new ApiError('failed', 0, error.message);
          setPreview((before) => ({ answer: before.answer, asking: false, error: known }));
        },
      );
    }, typingPauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, active]);
  return preview;
}
