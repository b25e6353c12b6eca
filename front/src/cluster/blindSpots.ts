import type { BlindSpot, ClusterWorker, WorkerStats } from '../api/types';

/** One blind spot and all nodes that have it: two hundred nodes without a kernel feature are one piece of news. */
export interface SharedBlindSpot extends BlindSpot {
  nodes: string[];
}

export function sharedBlindSpots(workers: readonly ClusterWorker[]): SharedBlindSpot[] {
  const shared = new Map<string, SharedBlindSpot>();
  for (const worker of [...workers].sort((a, b) => a.node.localeCompare(b.node))) {
    for (const spot of worker.blind ?? []) {
      const key = `${spot.code}\n${spot.text}`;
      const known = shared.get(key);
      if (known) known.nodes.push(worker.node);
      else shared.set(key, { ...spot, nodes: [worker.node] });
    }
  }
  return [...shared.values()].sort((a, b) => b.nodes.length - a.nodes.length);
}

/** "a", "a and b", "a, b, c and 197 more". */
export function listed(names: readonly string[], namesMax = 3): string {
  if (names.length <= 1) return names[0] ?? '';
  if (names.length <= namesMax) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, namesMax).join(', ')} and ${names.length - namesMax} more`;
}

/** "2 of 3 nodes: node-2 is not connected: why", for those that are away; null if none is. */
export function awayText(workers: readonly (Pick<ClusterWorker, 'node' | 'connected' | 'problem'> | WorkerStats)[]): string | null {
  const away = workers.filter((worker) => !worker.connected);
  if (away.length === 0) return null;
  const why = new Map<string, string[]>();
  for (const worker of away) {
    const problem = worker.problem || '';
    why.set(problem, [...(why.get(problem) ?? []), worker.node || 'the worker']);
  }
  const parts = [...why].map(([problem, nodes]) => `${listed(nodes)} ${nodes.length === 1 ? 'is' : 'are'} not connected${problem && `: ${problem}`}`);
  return `${workers.length - away.length} of ${workers.length} ${workers.length === 1 ? 'node' : 'nodes'}: ${parts.join('; ')}`;
}
