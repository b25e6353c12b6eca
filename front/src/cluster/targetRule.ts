import type { TargetCounts, TargetPod, TargetRule } from '../api/types';
import { count } from '../lib/format';

const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** [["12", "pods"], ["2", "namespaces"], ["3", "nodes"]] as a sentence's parts. */
export function countWords(counts: TargetCounts): { pods: string; namespaces: string; nodes: string } {
  return { pods: plural(counts.pods, 'pod'), namespaces: plural(counts.namespaces, 'namespace'), nodes: plural(counts.nodes, 'node') };
}

export function countsOf(pods: readonly TargetPod[]): TargetCounts {
  return { pods: pods.length, namespaces: new Set(pods.map((pod) => pod.namespace)).size, nodes: new Set(pods.map((pod) => pod.node)).size };
}

/** What a rule says, for a reader: "all pods", "(catalo*|front-end*) in shop, not in kube-system". */
export function ruleWords(rule: TargetRule): string {
  const every = rule.regex === '' || rule.regex === '.*';
  const parts = [every ? 'all pods' : rule.regex];
  if (rule.namespaces.length > 0) parts.push(`in ${rule.namespaces.join(', ')}`);
  if (rule.excluded.length > 0) parts.push(`${rule.namespaces.length > 0 ? 'and ' : ''}not in ${rule.excluded.join(', ')}`);
  return parts.join(' ');
}

export type PodChange = 'new' | 'stays' | 'leaves';
export interface ChangedPod extends TargetPod {
  change: PodChange;
}

const podKey = (pod: TargetPod) => `${pod.namespace}/${pod.name}`;

/** The pods of a preview beside those that are targeted now, in reading order; those that would be left out come last. */
export function podChanges(now: readonly TargetPod[], wanted: readonly TargetPod[]): ChangedPod[] {
  const before = new Set(now.map(podKey));
  const after = new Set(wanted.map(podKey));
  const order = (a: TargetPod, b: TargetPod) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name);
  const kept = wanted.map((pod): ChangedPod => ({ ...pod, change: before.has(podKey(pod)) ? 'stays' : 'new' })).sort(order);
  const left = now.filter((pod) => !after.has(podKey(pod))).map((pod): ChangedPod => ({ ...pod, change: 'leaves' })).sort(order);
  return [...kept, ...left];
}

export const sameRule = (a: TargetRule, b: TargetRule) =>
  a.regex === b.regex && a.namespaces.join('\n') === b.namespaces.join('\n') && a.excluded.join('\n') === b.excluded.join('\n');
