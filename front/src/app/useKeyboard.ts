import { useEffect } from 'react';
import { followNewest, moveSelection, openSelected, showOldest } from '../feed/feedView';
import { editingTargets } from '../cluster/clusterState';
import { closeEntry, session } from './dashboard';
import { TABS, go, place } from './location';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Enter on a button is that button's, not the feed's. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, [role="tab"], [role="menuitem"]') !== null;
}

/** One-letter shortcuts of the whole page; ? is answered by `onHelp`. */
export function useKeyboard(onHelp: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"][aria-modal="true"], [role="menu"]')) return;
      if (perform(event, onHelp)) event.preventDefault();
    };
    // Capturing: an open tooltip would swallow Escape otherwise.
    window.addEventListener('keydown', onKey, true);
    return () => window.removeEventListener('keydown', onKey, true);
  }, [onHelp]);
}

function perform(event: KeyboardEvent, onHelp: () => void): boolean {
  const onFeed = place.get().page === 'feed';
  switch (event.key) {
    case '/':
      document.getElementById('kfl-editor')?.focus();
      return true;
    case '?':
      onHelp();
      return true;
    case 'p':
      session.setPaused(!session.session.get().paused);
      return true;
    case 'l':
      go({ page: place.get().page === 'ledger' ? 'feed' : 'ledger' });
      return true;
    case 'n':
      go({ page: place.get().page === 'nodes' ? 'feed' : 'nodes' });
      return true;
    case 't':
      if (session.session.get().hello?.mode !== 'cluster') return false;
      editingTargets.set(true);
      return true;
    case 'Escape':
      if (onFeed) closeEntry();
      else go({ page: 'feed' });
      return true;
  }
  return onFeed && performOnFeed(event);
}

function performOnFeed(event: KeyboardEvent): boolean {
  const inDetails = event.target instanceof HTMLElement && event.target.closest('.detail') !== null;
  switch (event.key) {
    case 'j':
      moveSelection(1);
      return true;
    case 'k':
      moveSelection(-1);
      return true;
    case 'ArrowDown':
    case 'ArrowUp':
      if (inDetails) return false; // the pane scrolls
      moveSelection(event.key === 'ArrowDown' ? 1 : -1);
      return true;
    case 'Enter':
      if (isControl(event.target)) return false;
      openSelected();
      return true;
    case 'g':
      showOldest();
      return true;
    case 'G':
    case 'End':
      followNewest();
      return true;
  }
  const tab = TABS[Number(event.key) - 1]; // a tab that the entry has not leaves the pane at its first
  if (tab === undefined || place.get().entry === null) return false;
  go({ tab });
  return true;
}
