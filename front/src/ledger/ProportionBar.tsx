import type { LedgerTotals } from '../api/types';
import { percent } from '../lib/format';

const parts = ['dissected', 'opaque', 'lost', 'pending'] as const;

/** Shares by width and by pattern, so that the bar can be read without colours; the figures always stand beside it. */
export function ProportionBar({ ledger, width }: { ledger: LedgerTotals; width: number | string }) {
  const text = parts.map((part) => `${part} ${percent(ledger[part], ledger.wire)}`).join(', ');
  return (
    <span className="proportion" style={{ width }} role="img" aria-label={text}>
      {parts.map((part) => ledger[part] > 0 && <i key={part} className={part} style={{ flexGrow: ledger[part] / ledger.wire }} />)}
    </span>
  );
}
