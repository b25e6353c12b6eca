import type { LedgerTotals } from '../api/types';
import { percent } from '../lib/format';

const parts = ['dissected', 'opaque', 'own', 'lost', 'pending'] as const;

/**
 * `own`: what of the opaque bytes is this program's own traffic. Shares by width and by pattern, so that the bar can be read without colours; the figures always
 * stand beside it.
 */
export function ProportionBar({ ledger, own = 0, width }: { ledger: LedgerTotals; own?: number; width: number | string }) {
  const bytesOf = { ...ledger, opaque: ledger.opaque - own, own };
  const text = parts.map((part) => `${part} ${percent(bytesOf[part], ledger.wire)}`).join(', ');
  return (
    <span className="proportion" style={{ width }} role="img" aria-label={text}>
      {parts.map((part) => bytesOf[part] > 0 && <i key={part} className={part} style={{ flexGrow: bytesOf[part] / ledger.wire }} />)}
    </span>
  );
}
