import { useState } from 'react';
import { Feed } from '../feed/Feed';
import { LedgerView } from '../ledger/LedgerView';
import { SplitPane } from '../detail/SplitPane';
import { DetailPane } from '../detail/DetailPane';
import { useStore } from '../lib/store';
import { tokenWanted } from '../api/rest';
import { ClusterBar } from '../cluster/ClusterBar';
import { NodesView } from '../cluster/NodesView';
import { Banners } from './Banners';
import { ErrorBoundary } from './ErrorBoundary';
import { Footer } from './Footer';
import { Header } from './Header';
import { Login } from './Login';
import { Shortcuts } from './Shortcuts';
import { place } from './location';
import { useKeyboard } from './useKeyboard';

export function App() {
  const { page, entry, tab } = useStore(place);
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  const signIn = useStore(tokenWanted);
  useKeyboard(() => setShortcutsOpen(true));
  if (signIn) return <Login />;
  return (
    <div className="shell">
      <Header onShortcuts={() => setShortcutsOpen(true)} />
      <ClusterBar />
      <Banners />
      <main>
        {page === 'ledger' ? (
          <ErrorBoundary what="The ledger" resetKey={page}>
            <LedgerView />
          </ErrorBoundary>
        ) : page === 'nodes' ? (
          <ErrorBoundary what="The nodes" resetKey={page}>
            <NodesView />
          </ErrorBoundary>
        ) : (
          <SplitPane
            main={<Feed />}
            side={
              entry !== null && (
                <ErrorBoundary what="The entry" resetKey={`${entry} ${tab}`}>
                  <DetailPane id={entry} />
                </ErrorBoundary>
              )
            }
          />
        )}
      </main>
      <ErrorBoundary what="The footer" resetKey="">
        <Footer />
      </ErrorBoundary>
      <Shortcuts opened={shortcutsOpen} onClose={() => setShortcutsOpen(false)} />
    </div>
  );
}
