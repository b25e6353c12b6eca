import { useEffect } from 'react';
import { addClause, applyFilter, schema, session } from '../app/dashboard';
import { place, type Page } from '../app/location';
import { removeClause, topLevelClauses } from '../filter/clauses';
import { useStore } from '../lib/store';
import { usePolled } from '../lib/usePolled';
import { sharedBlindSpots } from './blindSpots';
import { askTargets, askWorkers, cluster, editingTargets, useIsCluster, workersPeriodMs } from './clusterState';
import { TargetDialog } from './TargetDialog';
import { countWords, ruleWords } from './targetRule';
import './cluster.css';

/** What is captured, which of it is shown, and the pages: the line below the header, in a cluster. */
export function ClusterBar() {
  const isCluster = useIsCluster();
  const { phase } = useStore(session.session);
  const open = isCluster && phase.name === 'open';
  usePolled(askWorkers, workersPeriodMs, open);
  if (!isCluster) return null;
  return (
    <div className="cluster-bar">
      <Targeting />
      <span className="spacer" />
      <div className="cluster-tools">
        <Chips />
        <Pages />
      </div>
    </div>
  );
}

function Targeting() {
  const { targetsProblem } = useStore(cluster);
  const { hello, targets } = useStore(session.session);
  useEffect(() => void askTargets(), [hello]); // whoever connects is told the numbers, not the rule
  const counts = targets?.counts ?? hello?.targets;
  const words = counts && countWords(counts);
  return (
    <div className="targeting">
      <span aria-live="polite">
        {words ? (
          <>
            Targeting <b>{words.pods}</b> in <b>{words.namespaces}</b> across <b>{words.nodes}</b>
          </>
        ) : (
          <span className="muted">{targetsProblem ? `Targets unknown: ${targetsProblem}` : 'Asking for the targets…'}</span>
        )}
      </span>
      {targets && <code className="mono muted targeting-rule" title={`Pods: ${ruleWords(targets)}`}>{ruleWords(targets)}</code>}
      <button type="button" className="text-button" onClick={() => editingTargets.set(true)}>
        Edit <kbd className="muted">t</kbd>
      </button>
      <TargetDialog />
    </div>
  );
}

const chips: readonly { label: string; clause: string; needs: string; title: string }[] = [
  { label: 'event', clause: 'event', needs: 'event', title: 'Only what Kubernetes reports: restarts, failed probes, rollouts' },
  { label: 'errors', clause: 'status_class == "error"', needs: 'status_class', title: 'Only what failed' },
];

function Chips() {
  const known = useStore(schema);
  const applied = useStore(session.session).applied ?? '';
  const { page } = useStore(place);
  if (page !== 'feed') return null;
  const offered = chips.filter((chip) => known?.variables.some((variable) => variable.name === chip.needs));
  const clauses = topLevelClauses(applied);
  return (
    <>
      {offered.map(({ label, clause, title }) => {
        const on = clauses.includes(clause);
        return (
          <button key={clause} type="button" className="chip" aria-pressed={on} title={title} onClick={() => (on ? applyFilter(removeClause(applied, clause)) : addClause(clause))}>
            {label}
          </button>
        );
      })}
    </>
  );
}

const pages: readonly { page: Page; label: string; href: string }[] = [
  { page: 'feed', label: 'Feed', href: '#' },
  { page: 'nodes', label: 'Nodes', href: '#/nodes' },
  { page: 'ledger', label: 'Ledger', href: '#/ledger' },
];

function Pages() {
  const { page } = useStore(place);
  const { stats } = useStore(session.session);
  const { workers } = useStore(cluster);
  const away = stats?.workers.filter((worker) => !worker.connected).length ?? 0;
  const troubles = away + sharedBlindSpots(workers ?? []).length;
  return (
    <nav className="pages" aria-label="Pages">
      {pages.map((known) => (
        <a key={known.page} href={known.href} aria-current={known.page === page ? 'page' : undefined}>
          {known.label}
          {known.page === 'nodes' && troubles > 0 && (
            <span className="badge" title={`${away} nodes away; ${troubles - away} blind spots`}>
              ▲{troubles}
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
