import { Store } from '../lib/store';

export type Tab = 'request' | 'response' | 'data' | 'connection' | 'pcap' | 'k8s';
export const TABS: readonly Tab[] = ['request', 'response', 'data', 'connection', 'pcap', 'k8s'];

export type Page = 'feed' | 'nodes' | 'ledger';

/** What the address bar holds: it reproduces filter, entry, tab and page. */
export interface Place {
  q: string;
  entry: string | null;
  tab: Tab;
  page: Page;
}

const pages: Record<string, Page> = { '#/nodes': 'nodes', '#/ledger': 'ledger' };

function read(): Place {
  const query = new URLSearchParams(window.location.search);
  const tab = query.get('tab') as Tab | null;
  return {
    q: query.get('q') ?? '',
    entry: query.get('entry'),
    tab: tab && TABS.includes(tab) ? tab : 'request',
    page: pages[window.location.hash] ?? 'feed',
  };
}

function address(place: Place): string {
  const query = new URLSearchParams();
  if (place.q) query.set('q', place.q);
  if (place.entry) {
    query.set('entry', place.entry);
    query.set('tab', place.tab);
  }
  const text = query.toString();
  return `${window.location.pathname}${text ? `?${text}` : ''}${place.page === 'feed' ? '' : `#/${place.page}`}`;
}

export const place = new Store<Place>(read());

/** A new filter or page is a step that "back" undoes; moving through entries is not. */
export function go(part: Partial<Place>): void {
  const before = place.get();
  const after = { ...before, ...part };
  const step = after.q !== before.q || after.page !== before.page;
  window.history[step ? 'pushState' : 'replaceState'](null, '', address(after));
  place.set(after);
}

export function followAddressBar(onFilter: (q: string) => void): void {
  const follow = () => {
    const before = place.get();
    place.set(read());
    if (place.get().q !== before.q) onFilter(place.get().q);
  };
  window.addEventListener('popstate', follow);
  window.addEventListener('hashchange', follow);
}
