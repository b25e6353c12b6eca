import { describe, expect, it } from 'vitest';
import type { ClusterWorker, TargetPod } from '../api/types';
import { awayText, listed, sharedBlindSpots } from './blindSpots';
import { countWords, countsOf, podChanges, ruleWords, sameRule } from './targetRule';

const worker = (node: string, part: Partial<ClusterWorker> = {}): ClusterWorker => ({
  worker: node, node, version: '1', connected: true, backend: 'af_packet', packets: 0, bytes: 0, entries: 0, connections: 0, drops: [], rssBytes: 0, heapBytes: 0, blind: [], ...part,
});
const pod = (namespace: string, name: string, node = 'n1'): TargetPod => ({ name, namespace, node, ip: '10.0.0.1' });
const tls = { code: 'tls', text: 'TLS is opaque', remedy: 'tap.tls=true' };

describe('blind spots', () => {
  it('are one piece of news for all nodes that have them, the most common first', () => {
    const btf = { code: 'btf', text: 'no BTF', remedy: '' };
    const shared = sharedBlindSpots([worker('a', { blind: [btf, tls] }), worker('b', { blind: [tls] })]);
    expect(shared.map((spot) => [spot.code, spot.nodes])).toEqual([['tls', ['a', 'b']], ['btf', ['a']]]);
  });
  it('stay apart where the same code says something else', () => {
    expect(sharedBlindSpots([worker('a', { blind: [tls] }), worker('b', { blind: [{ ...tls, text: 'other' }] })])).toHaveLength(2);
  });
  it('survive a worker that says nothing of them', () => {
    expect(sharedBlindSpots([worker('a', { blind: undefined as never })])).toEqual([]);
  });
});

describe('workers that are away', () => {
  it('are no news when all are there', () => expect(awayText([worker('a')])).toBeNull());
  it('are named with the reason', () =>
    expect(awayText([worker('a'), worker('b', { connected: false, problem: 'refused' }), worker('c')])).toBe('2 of 3 nodes: b is not connected: refused'));
  it('are gathered by reason', () => {
    const gone = (node: string, problem?: string) => worker(node, { connected: false, ...(problem && { problem }) });
    expect(awayText([gone('a', 'x'), gone('b'), gone('c', 'x')])).toBe('0 of 3 nodes: a and c are not connected: x; b is not connected');
  });
  it('are cut where there are many', () => expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more'));
});

describe('targets', () => {
  it('are counted by pod, namespace and node', () => {
    const counts = countsOf([pod('shop', 'a'), pod('shop', 'b', 'n2'), pod('dev', 'a')]);
    expect(counts).toEqual({ pods: 3, namespaces: 2, nodes: 2 });
    expect(countWords({ pods: 1, namespaces: 2, nodes: 1200 })).toEqual({ pods: '1 pod', namespaces: '2 namespaces', nodes: '1,200 nodes' });
  });
  it('are told in words', () => {
    expect(ruleWords({ regex: '.*', namespaces: [], excluded: [] })).toBe('all pods');
    expect(ruleWords({ regex: '(catalo*|front-end*)', namespaces: ['sock-shop'], excluded: [] })).toBe('(catalo*|front-end*) in sock-shop');
    expect(ruleWords({ regex: '', namespaces: [], excluded: ['kube-system'] })).toBe('all pods not in kube-system');
    expect(ruleWords({ regex: '', namespaces: ['a'], excluded: ['b'] })).toBe('all pods in a and not in b');
  });
  it('show what a rule changes; the same name in another namespace is another pod', () => {
    const changes = podChanges([pod('shop', 'b'), pod('shop', 'old')], [pod('shop', 'b'), pod('dev', 'b'), pod('shop', 'a')]);
    expect(changes.map((p) => `${p.namespace}/${p.name} ${p.change}`)).toEqual(['dev/b new', 'shop/a new', 'shop/b stays', 'shop/old leaves']);
  });
  it('know when nothing was edited', () => {
    const rule = { regex: 'a', namespaces: ['x', 'y'], excluded: [] };
    expect(sameRule(rule, { ...rule })).toBe(true);
    expect(sameRule(rule, { ...rule, namespaces: ['x'] })).toBe(false);
  });
});
