import { FixedLines } from '../detail/FixedLines';
import type { ChangedPod } from './targetRule';

const lineHeight = 22;
const listHeight = 264;
const marks = { new: '+', stays: '✓', leaves: '−' } as const;
const meanings = { new: 'would be captured from now on', stays: 'is captured, and would be', leaves: 'would not be captured any more' } as const;

/** Pods of a preview. Only the visible lines exist: a cluster may have ten thousand. */
export function PodList({ pods }: { pods: readonly ChangedPod[] }) {
  return (
    <FixedLines
      count={pods.length}
      lineHeight={lineHeight}
      maxHeight={listHeight}
      className="pod-list"
      label="Pods that the rule targets"
      renderLine={(i) => {
        const pod = pods[i]!;
        return (
          <div key={`${pod.namespace}/${pod.name}`} className={`pod-line pod-${pod.change}`} title={meanings[pod.change]}>
            <i aria-label={meanings[pod.change]}>{marks[pod.change]}</i>
            <span>{pod.name}</span>
            <span className="muted">{pod.namespace}</span>
            <span className="muted">{pod.node || 'no node yet'}</span>
            <span className="muted mono">{pod.ip || 'no address yet'}</span>
          </div>
        );
      }}
    />
  );
}
