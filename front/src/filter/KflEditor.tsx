import { acceptCompletion, autocompletion, completionKeymap, completionStatus, selectedCompletionIndex, setSelectedCompletion } from '@codemirror/autocomplete';
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { completeKfl } from '../api/rest';
import type { KflError } from '../api/types';
import { draft } from '../app/dashboard';
import { useStore } from '../lib/store';
import { kflLanguage, markError } from './kflLanguage';
import './filter.css';

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const abort = new AbortController();
  context.addEventListener('abort', () => abort.abort());
  const text = context.state.doc.toString();
  if (!context.explicit && /^$|\s$/.test(text.slice(0, context.pos))) return null;
  try {
    const answer = await completeKfl(text, context.pos, abort.signal);
    return {
      from: answer.from,
      to: answer.to,
      options: answer.options.map((option, i) => ({
        label: option.label,
        type: option.type,
        boost: -i / 100, // the hub's order decides between equal matches
        ...(option.detail && { detail: option.detail }),
        ...(option.doc && { info: option.doc }),
        ...(option.apply && { apply: option.apply }),
      })),
      validFor: /^\w*$/,
    };
  } catch {
    return null; // completion is a help, never a reason to interrupt typing
  }
}

/** Tab takes the first option even before the arrow keys chose one; Enter is left to "apply the filter". */
function acceptFirst(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false;
  if (selectedCompletionIndex(view.state) === null) view.dispatch({ effects: setSelectedCompletion(0) });
  return acceptCompletion(view);
}

const oneLine = EditorState.transactionFilter.of((transaction) =>
  transaction.newDoc.lines > 1 ? [transaction, { changes: lineBreaks(transaction.newDoc.toString()), sequential: true }] : transaction,
);

function lineBreaks(text: string) {
  return [...text.matchAll(/\n/g)].map((match) => ({ from: match.index, to: match.index + 1, insert: ' ' }));
}

interface Props {
  error: KflError | null;
  onApply(): void;
  onLeave(): void;
  /** the list of completions opened or closed */
  onCompleting(open: boolean): void;
}

export function KflEditor({ error, onApply, onLeave, onCompleting }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const actions = useRef({ onApply, onLeave, onCompleting });
  actions.current = { onApply, onLeave, onCompleting };
  const text = useStore(draft);

  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: draft.get(),
        extensions: [
          Prec.high(
            keymap.of([
              { key: 'Tab', run: acceptFirst },
              { key: 'Enter', run: (v) => selectedCompletionIndex(v.state) === null && (actions.current.onApply(), true) },
            ]),
          ),
          autocompletion({ override: [complete], selectOnOpen: false, interactionDelay: 0, icons: false, maxRenderedOptions: 60 }),
          keymap.of([
            ...completionKeymap,
            { key: 'Escape', run: () => (actions.current.onLeave(), true) },
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          history(),
          oneLine,
          kflLanguage,
          placeholder('Filter: try  http && status_code >= 500  · Ctrl+Space lists what there is'),
          EditorView.contentAttributes.of({ 'aria-label': 'Filter (KFL)', id: 'kfl-editor', autocapitalize: 'off', spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) draft.set(update.state.doc.toString());
            const open = completionStatus(update.state) === 'active';
            if (open !== (completionStatus(update.startState) === 'active')) actions.current.onCompleting(open);
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current!;
    if (editor.state.doc.toString() !== text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text }, selection: { anchor: text.length } });
  }, [text]);

  useEffect(() => {
    view.current!.dispatch({ effects: markError.of(error && { position: error.position, length: error.length }) });
  }, [error]);

  return <div ref={host} className="kfl-editor" />;
}
