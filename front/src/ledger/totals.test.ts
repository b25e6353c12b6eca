import { expect, it } from 'vitest';
import type { Ledger, LedgerAccount } from '../api/types';
import { missingBytes, totalsOf } from './totals';

const account = (of: LedgerAccount['class'], bytes: number): LedgerAccount => ({ class: of, code: `${of}${bytes}`, title: '', doc: '', remedy: '', bytes, packets: 1 });
const ledger: Ledger = { wire: 100, accounts: [account('dissected', 50), account('dissected', 20), account('opaque', 15), account('lost', 5)], pending: 10, balanced: true };

it('sums accounts by class', () => expect(totalsOf(ledger)).toEqual({ wire: 100, dissected: 70, opaque: 15, lost: 5, pending: 10 }));
it('finds bytes without an account', () => {
  expect(missingBytes(ledger)).toBe(0);
  expect(missingBytes({ ...ledger, wire: 101 })).toBe(1);
});
