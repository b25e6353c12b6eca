import { describe, expect, it } from 'vitest';
import { restartNotice, restartText } from './restarts';

const at = (hour: number, minute: number, second: number) => new Date(2026, 10, 23, hour, minute, second).getTime();
const restarted = (node: string, when: number, entriesLost: number, times = 1) => ({ node, restarted: { at: when, lastSeen: when - 2000, entriesLost, times } });

describe('workers that began anew', () => {
  it('are no news when none did', () => expect(restartText([{ node: 'a' }])).toBeNull());
  it('are named with the time and what went with them, the newest first', () =>
    expect(restartText([restarted('a', at(14, 3, 59), 1204), { node: 'b' }, restarted('c', at(14, 5, 0), 1, 3)])).toBe(
      'c at 14:05:00 (1 entry that it had stored is gone; 3 restarts), a at 14:03:59 (1,204 entries that it had stored are gone)',
    ));
  it('are cut where there are many', () => expect(restartText(['a', 'b', 'c', 'd', 'e'].map((node) => restarted(node, at(1, 2, 3), 0)))).toMatch(/ and 2 more$/));
  it('are marked in the feed with the time that may be missing', () =>
    expect(restartNotice(restarted('a', at(14, 4, 1), 9))).toBe(
      'The worker on a began anew at 14:04:01: its entries before that are lost; calls from 14:03:59 until then may be missing here',
    ));
});
