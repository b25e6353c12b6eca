import type { HubFrame } from '../api/types';
import type { Phase, Subscription } from './HubConnection';
import type { RowBatch } from './RowBatch';

/** Page → stream worker. */
export type ToWorker =
  | { type: 'start'; url: string; subscription: Subscription }
  | { type: 'subscribe'; subscription: Subscription }
  | { type: 'paused'; paused: boolean }
  | { type: 'retryNow' };

/** Stream worker → page. */
export type FromWorker =
  | { type: 'phase'; phase: Phase }
  | { type: 'batch'; id: number; batch: RowBatch; notShown: number; history: boolean }
  | { type: 'frame'; frame: Exclude<HubFrame, { type: 'rows' }> };
