import type { ReactNode } from 'react';

const words = { info: 'Note', warn: '▲ Attention', error: '✕' } as const;

export function Notice({ level, children }: { level: 'info' | 'warn' | 'error'; children: ReactNode }) {
  return (
    <div className={`detail-notice ${level}`} role="note">
      <strong>{words[level]}</strong> <span>{children}</span>
    </div>
  );
}
