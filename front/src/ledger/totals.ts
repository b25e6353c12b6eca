import type { Ledger, LedgerTotals } from '../api/types';

export function totalsOf(ledger: Ledger): LedgerTotals {
  const sum = (of: string) => ledger.accounts.reduce((total, account) => total + (account.class === of ? account.bytes : 0), 0);
  return { wire: ledger.wire, dissected: sum('dissected'), opaque: sum('opaque'), lost: sum('lost'), pending: ledger.pending };
}

/** This program's own dashboard and streams: opaque by choice, and shown apart. */
export function ownBytes(ledger: Ledger): number {
  return ledger.accounts.find((account) => account.code === 'self')?.bytes ?? 0;
}

/** wire − (accounts + pending): 0 is what the ledger promises. */
export function missingBytes(ledger: Ledger): number {
  return ledger.wire - ledger.accounts.reduce((total, account) => total + account.bytes, 0) - ledger.pending;
}
