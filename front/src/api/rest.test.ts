import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, apiUrl, errorOf, fetchManifests, fetchTargets, login, previewTargets, tokenWanted, webSocketUrl } from './rest';

const under = (baseURI: string) => vi.stubGlobal('document', { baseURI });
const answering = (status: number, body: string) => {
  const fetched = vi.fn(async (_url: URL, _init: RequestInit) => new Response(body, { status, headers: { 'Content-Type': 'application/json' } }));
  vi.stubGlobal('fetch', fetched);
  return fetched;
};
afterEach(() => {
  vi.unstubAllGlobals();
  tokenWanted.set(false);
});

describe('addresses', () => {
  const proxied = 'https://api.example/api/v1/namespaces/tools/services/kubeshark-front:80/proxy/?q=http#/ledger';
  it.each([
    ['http://127.0.0.1:8899/?q=x#/nodes', 'http://127.0.0.1:8899/api/entry?id=a%2F1', 'ws://127.0.0.1:8899/api/ws'],
    [proxied, proxied.replace('?q=http#/ledger', 'api/entry?id=a%2F1'), proxied.replace('https', 'wss').replace('?q=http#/ledger', 'api/ws')],
  ])('hang from the base path of %s', (base, call, socket) => {
    under(base);
    expect([apiUrl('entry', { id: 'a/1' }).href, webSocketUrl()]).toEqual([call, socket]);
  });
  it('leave the slash in an id, which proxies would treat as they like when escaped', async () => {
    under('http://h/x/');
    const fetched = answering(200, '{}');
    await fetchManifests('node 1/12-3');
    expect(fetched.mock.calls[0]![0].href).toBe('http://h/x/api/entries/node%201/12-3/kubernetes');
  });
});

describe('errors', () => {
  const status = (status: number) => ({ status, statusText: '' });
  it('of the hub keep code, sentence and place', () => {
    expect(errorOf(status(400), { error: { code: 'bad-regex', message: 'missing )', position: 3 } })).toMatchObject({ code: 'bad-regex', message: 'missing )', position: 3 });
  });
  it('of what lies in between name who it was', () => {
    expect(errorOf(status(502), null).message).toContain('the hub behind it is not (502)');
    expect(errorOf(status(503), { kind: 'Status', message: 'no endpoints available' }).message).toBe('The Kubernetes API server answered 503: no endpoints available');
  });
  it('401 asks for the token; a good one ends that', async () => {
    under('http://h/');
    answering(401, '{"error":{"code":"unauthorized","message":"token"}}');
    await expect(fetchTargets()).rejects.toBeInstanceOf(ApiError);
    expect(tokenWanted.get()).toBe(true);
    answering(200, '{}');
    await login('t');
    expect(tokenWanted.get()).toBe(false);
  });
  it('a refused token goes on asking', async () => {
    under('http://h/');
    answering(401, '{"error":{"code":"unauthorized","message":"token"}}');
    await expect(login('wrong')).rejects.toMatchObject({ status: 401 });
    expect(tokenWanted.get()).toBe(true);
  });
});

describe('calls', () => {
  it('a preview sends the rule', async () => {
    under('http://h/');
    const fetched = answering(200, '{"pods":[]}');
    const rule = { regex: 'a', namespaces: ['x'], excluded: [] };
    await previewTargets(rule, new AbortController().signal);
    expect(JSON.parse(String(fetched.mock.calls[0]![1].body))).toEqual(rule);
  });
});
