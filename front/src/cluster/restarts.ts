import type { WorkerStats } from '../api/types';
import { count, timeOfDay } from '../lib/format';

type Restarted = Pick<WorkerStats, 'node' | 'restarted'>;

const namedMax = 3;

const clock = (timestampMs: number) => timeOfDay(timestampMs).slice(0, 8);

/** "node1 at 14:03:59 (1,204 entries that it had stored are gone)", the newest first; null where none is news. */
export function restartText(workers: readonly Restarted[]): string | null {
  const restarted = restartsOf(workers).sort((a, b) => b.restarted.at - a.restarted.at);
  if (restarted.length === 0) return null;
  const named = restarted.slice(0, namedMax).map(({ node, restarted: { at, entriesLost, times } }) => {
    const lost = entriesLost === 1 ? '1 entry that it had stored is gone' : `${count(entriesLost)} entries that it had stored are gone`;
    return `${node} at ${clock(at)} (${lost}${times > 1 ? `; ${times} restarts` : ''})`;
  });
  const more = restarted.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${count(more)} more` : '');
}

/** What the feed says where a worker began anew. */
export function restartNotice({ node, restarted: { at, lastSeen } }: Required<Restarted>): string {
  return `The worker on ${node} began anew at ${clock(at)}: its entries before that are lost; calls from ${clock(lastSeen)} until then may be missing here`;
}

/** One restart, told apart from the next of the same node. */
export const restartKey = ({ node, restarted }: Required<Restarted>) => `${node} ${restarted.at}`;

export function restartsOf<W extends Restarted>(workers: readonly W[]): (W & Required<Restarted>)[] {
  return workers.filter((worker): worker is W & Required<Restarted> => worker.restarted !== undefined);
}
