import { useState } from 'react';
import { Feed } from '../feed/Feed';
import { LedgerView } from '../ledger/LedgerView';
import { SplitPane } from '../detail/SplitPane';
import { DetailPane } from '../detail/DetailPane';
import { useStore } from '../lib/store';
import { Banners } from './Banners';
import { Footer } from './Footer';
import { Header } from './Header';
import { Shortcuts } from './Shortcuts';
import { place } from './location';
import { useKeyboard } from './useKeyboard';

export function App() {
  const { page, entry } = useStore(place);
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  useKeyboard(() => setShortcutsOpen(true));
  return (
    <div className="shell">
      <Header onShortcuts={() => setShortcutsOpen(true)} />
      <Banners />
      <main>
        {page === 'ledger' ? <LedgerView /> : <SplitPane main={<Feed />} side={entry !== null && <DetailPane id={entry} />} />}
      </main>
      <Footer />
      <Shortcuts opened={shortcutsOpen} onClose={() => setShortcutsOpen(false)} />
    </div>
  );
}
