import { Loader, Modal, TagsInput } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { applyTargets, type ApiError } from '../api/rest';
import type { TargetRule } from '../api/types';
import { useStore } from '../lib/store';
import { count } from '../lib/format';
import { listed } from './blindSpots';
import { askTargets, cluster, editingTargets, takeTargets } from './clusterState';
import { PodList } from './PodList';
import { countWords, countsOf, podChanges, sameRule, type ChangedPod } from './targetRule';
import { usePreview, type Preview } from './usePreview';

const everything: TargetRule = { regex: '', namespaces: [], excluded: [] };

/** Which pods are captured, for everybody who looks at this cluster; the list below is what the rule would give now. */
export function TargetDialog() {
  const opened = useStore(editingTargets);
  const close = () => editingTargets.set(false);
  return (
    <Modal opened={opened} onClose={close} title="Pods to capture" size="xl">
      <Form onDone={close} />
    </Modal>
  );
}

/** ".*" says the same as nothing. */
const shown = (rule: TargetRule): TargetRule => ({ regex: rule.regex === '.*' ? '' : rule.regex, namespaces: rule.namespaces, excluded: rule.excluded });

function Form({ onDone }: { onDone(): void }) {
  const { targets, targetsProblem } = useStore(cluster);
  useEffect(() => void askTargets(), []);
  const [edited, setEdited] = useState<TargetRule | null>(null);
  const [applying, setApplying] = useState<'no' | 'yes' | { problem: string }>('no');
  const current = shown(targets ?? everything);
  const rule = edited ?? current;
  const preview = usePreview(rule, true);
  const namespaces = useMemo(() => [...new Set(targets?.pods.map((pod) => pod.namespace))].sort(), [targets]);
  const changed = edited !== null && !sameRule(rule, current);
  const set = (part: Partial<TargetRule>) => {
    setEdited({ ...rule, ...part });
    setApplying('no');
  };
  const apply = () => {
    setApplying('yes');
    applyTargets(rule)
      .then(takeTargets)
      .then(onDone, (error: Error) => setApplying({ problem: error.message }));
  };
  const strange = [...rule.namespaces, ...rule.excluded].filter((name) => targets && !namespaces.includes(name));

  return (
    <form
      className="target-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !preview.error && !preview.asking) apply();
      }}
    >
      <label className="field">
        <span>Pod name matches</span>
        <input
          className="sheet-search mono"
          data-autofocus
          spellCheck={false}
          autoComplete="off"
          placeholder=".* (every pod); a regular expression, such as (catalo*|front-end*)"
          aria-invalid={preview.error !== null}
          value={rule.regex}
          onChange={(event) => set({ regex: event.target.value })}
        />
      </label>
      {preview.error && <RegexError regex={rule.regex} error={preview.error} />}
      <div className="field-pair">
        <TagsInput label="Namespaces" placeholder={rule.namespaces.length === 0 ? 'all' : ''} data={namespaces} value={rule.namespaces} onChange={(value) => set({ namespaces: value })} clearable />
        <TagsInput label="Excluded namespaces" placeholder={rule.excluded.length === 0 ? 'none' : ''} data={namespaces} value={rule.excluded} onChange={(value) => set({ excluded: value })} clearable />
      </div>
      {strange.length > 0 && <p className="muted">No pod is in {listed(strange)} now; pods that appear there later count.</p>}
      {targetsProblem && <p className="bad-text">The present targets are unknown: {targetsProblem}</p>}
      <PreviewList preview={preview} now={targets?.pods.filter((pod) => pod.targeted) ?? []} />
      <div className="target-foot">
        <span className="muted">For everybody who uses this installation. Workers follow without a restart; later pods that match are captured too.</span>
        <span className="spacer" />
        {typeof applying === 'object' && <span className="bad-text" role="alert">✕ Not applied: {applying.problem}</span>}
        <button type="button" className="text-button" onClick={onDone}>
          Cancel
        </button>
        <button type="submit" className="text-button primary" disabled={!changed || preview.error !== null || preview.asking || applying === 'yes'}>
          {applying === 'yes' ? <><Loader size={10} color="currentColor" /> Applying…</> : 'Apply'}
        </button>
      </div>
    </form>
  );
}

/** The expression again with the mistake underlined, and what is wrong with it. */
function RegexError({ regex, error }: { regex: string; error: ApiError }) {
  const at = error.position === null ? null : Math.min(error.position, Math.max(0, regex.length - 1));
  return (
    <div className="detail-notice error" role="alert">
      {at !== null && (
        <div className="mono regex-error">
          {regex.slice(0, at)}
          <span className="kfl-error">{regex.slice(at, at + 1) || ' '}</span>
          {regex.slice(at + 1)}
        </div>
      )}
      {at !== null && <span className="muted">character {error.position! + 1}: </span>}
      {error.message}
    </div>
  );
}

function PreviewList({ preview, now }: { preview: Preview; now: Parameters<typeof podChanges>[0] }) {
  const { answer, asking, error } = preview;
  const pods = useMemo(() => (answer ? podChanges(now, answer.pods) : []), [answer, now]);
  if (!answer) return <p className="muted">{asking && <Loader size="xs" mr={8} />}{asking ? 'Asking which pods match…' : 'No list: correct the rule above.'}</p>;
  const words = countWords(answer.counts ?? countsOf(answer.pods));
  return (
    <section className={asking || error ? 'preview stale' : 'preview'} aria-busy={asking}>
      <div className="preview-head" aria-live="polite">
        <span>
          {error ? 'Last valid rule: ' : ''}
          <b>{words.pods}</b> in <b>{words.namespaces}</b> across <b>{words.nodes}</b>
        </span>
        <Difference pods={pods} />
        {asking && <Loader size={12} />}
      </div>
      {answer.pods.length === 0 && <p className="preview-none">▲ No pod matches now: nothing will be captured until one appears.</p>}
      {pods.length > 0 && <PodList pods={pods} />}
    </section>
  );
}

function Difference({ pods }: { pods: readonly ChangedPod[] }) {
  const added = pods.filter((pod) => pod.change === 'new').length;
  const left = pods.filter((pod) => pod.change === 'leaves').length;
  if (added + left === 0) return <span className="muted">as now</span>;
  return (
    <>
      {added > 0 && <span className="pod-new">+ {count(added)} new</span>}
      {left > 0 && <span className="pod-leaves">− {count(left)} no longer</span>}
    </>
  );
}
