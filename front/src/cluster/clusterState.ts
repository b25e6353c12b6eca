import { fetchTargets, fetchWorkers } from '../api/rest';
import type { ClusterWorker, Targets } from '../api/types';
import { session } from '../app/dashboard';
import { Store, useStorePart } from '../lib/store';

/** What the hub says of the cluster; null until it did. `problem`: why the last question had no answer. */
export interface ClusterState {
  targets: Targets | null;
  targetsProblem: string | null;
  workers: ClusterWorker[] | null;
  workersProblem: string | null;
}

export const cluster = new Store<ClusterState>({ targets: null, targetsProblem: null, workers: null, workersProblem: null });

/** Whether the dialog is open: the header's button and a key open it. */
export const editingTargets = new Store(false);

export const useIsCluster = () => useStorePart(session.session, (state) => state.hello?.mode === 'cluster');

export const workersPeriodMs = 4000;

export function takeTargets(targets: Targets): void {
  cluster.patch({ targets, targetsProblem: null });
  session.session.patch({ targets });
}

export async function askTargets(): Promise<void> {
  await fetchTargets().then(
    takeTargets,
    (error: Error) => cluster.patch({ targetsProblem: error.message }),
  );
}

export async function askWorkers(): Promise<void> {
  await fetchWorkers().then(
    (workers) => cluster.patch({ workers, workersProblem: null }),
    (error: Error) => cluster.patch({ workersProblem: error.message }),
  );
}
