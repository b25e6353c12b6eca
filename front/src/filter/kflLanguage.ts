import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Colours for KFL (CEL's surface syntax). What a name means is the hub's business: see validate and complete. */
const kfl = StreamLanguage.define({
  name: 'kfl',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^[rRbB]?"(?:[^"\\]|\\.)*"?/) || stream.match(/^[rRbB]?'(?:[^'\\]|\\.)*'?/)) return 'string';
    if (stream.match(/^(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)u?/i)) return 'number';
    if (stream.match(/^(?:true|false|null|in)\b/)) return 'keyword';
    if (stream.match(/^[A-Za-z_]\w*(?=\s*\()/)) return 'function';
    if (stream.match(/^[A-Za-z_]\w*/)) return 'variableName';
    if (stream.match(/^(?:&&|\|\||[=!<>]=|[<>!?:+\-*/%])/)) return 'operator';
    stream.next();
    return 'punctuation';
  },
  tokenTable: { function: tags.function(tags.variableName) },
});

const colours = HighlightStyle.define([
  { tag: tags.string, class: 'kfl-string' },
  { tag: tags.number, class: 'kfl-number' },
  { tag: tags.keyword, class: 'kfl-keyword' },
  { tag: tags.operator, class: 'kfl-operator' },
  { tag: tags.function(tags.variableName), class: 'kfl-function' },
  { tag: tags.variableName, class: 'kfl-variable' },
]);

/** Underlines `length` characters from `position`; null clears. */
export const markError = StateEffect.define<{ position: number; length: number } | null>();

const errorMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (!effect.is(markError)) continue;
      const size = transaction.newDoc.length;
      if (!effect.value || size === 0) {
        next = Decoration.none;
        continue;
      }
      // An error at the end of the text ("expected an operand") still needs a character to stand under.
      const from = Math.min(effect.value.position, size - 1);
      const to = Math.min(size, Math.max(from + 1, effect.value.position + effect.value.length));
      next = Decoration.set([Decoration.mark({ class: 'kfl-error' }).range(from, to)]);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export const kflLanguage: Extension = [kfl, syntaxHighlighting(colours), errorMark];
