import type { KflError } from '../api/types';
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { applyFilter, draft, schema, session } from '../app/dashboard';
import { Icon } from '../app/Icon';
import { useStore } from '../lib/store';
import { CheatSheet } from './CheatSheet';
import { KflEditor } from './KflEditor';
import { presetsFor } from './presets';
import { useValidation } from './useValidation';

const marks = { empty: '', checking: '…', valid: '✓', invalid: '✕', unknown: '?' };
const meanings = {
  empty: 'No filter: everything is shown',
  checking: 'Checking the filter',
  valid: 'The filter is valid; Enter applies it',
  invalid: 'The filter is not valid',
  unknown: 'The hub does not answer: the filter could not be checked',
};

/** Moves the keyboard to the feed, where the letters are shortcuts. */
export function focusFeed(): void {
  document.getElementById('feed')?.focus();
}

export function FilterBar() {
  const text = useStore(draft);
  const { applied, asked, filterError } = useStore(session.session);
  const known = useStore(schema);
  const verdict = useValidation(text);
  const [sheetOpen, setSheetOpen] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  const [completing, setCompleting] = useState(false);
  const changed = text.trim() !== (applied ?? '') && asked === null;
  const refused = filterError?.kfl === text.trim() ? filterError.error : null;
  const error = verdict.state === 'invalid' ? verdict.error : refused;

  const apply = () => {
    applyFilter(text);
    if (!error) focusFeed();
  };
  const accept = (suggestion: string) => {
    if (error) draft.set(text.slice(0, error.position) + suggestion + text.slice(error.position + error.length));
  };

  return (
    <div className="filter">
      <div className={`filter-line ${verdict.state}`}>
        <span className="filter-verdict" role="img" aria-label={meanings[verdict.state]} title={meanings[verdict.state]}>
          {marks[verdict.state] || <Icon name="filter" />}
        </span>
        <KflEditor error={error} onApply={apply} onLeave={focusFeed} onCompleting={setCompleting} />
        {(text !== '' || applied) && (
          <Tooltip label="Remove the filter">
            <ActionIcon aria-label="Remove the filter" onClick={() => applyFilter('')} size={26}>
              <Icon name="close" />
            </ActionIcon>
          </Tooltip>
        )}
        <button type="button" className={`text-button ${changed && !error ? 'primary' : ''}`} disabled={!changed} onClick={apply}>
          Apply
        </button>
      </div>
      <Menu position="bottom-end" width={340} opened={menuOpen} onChange={setMenuOpen}>
        <Menu.Target>
          <Tooltip label="Ready-made filters" disabled={menuOpen}>
            <ActionIcon aria-label="Ready-made filters">
              <Icon name="list" />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Ready-made filters</Menu.Label>
          {presetsFor(known).map((preset) => (
            <Menu.Item key={preset.kfl} onClick={() => applyFilter(preset.kfl)}>
              {preset.title}
              <div className="mono muted">{preset.kfl}</div>
            </Menu.Item>
          ))}
          {!known && <Menu.Item disabled>Waiting for the hub’s schema</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label="Filter language: cheat sheet">
        <ActionIcon aria-label="Filter language: cheat sheet" onClick={() => setSheetOpen(true)}>
          <Icon name="book" />
        </ActionIcon>
      </Tooltip>
      {error && !completing && (
        <div className="filter-error" role="alert">
          <span className="muted">
            line {error.line ?? 1}, column {error.column ?? error.position + 1}:
          </span>{' '}
          {withoutSuggestion(error)}.
          {error.suggestion && (
            <>
              {' '}
              Did you mean{' '}
              <button type="button" className="link-button mono" onClick={() => accept(error.suggestion!)}>
                {error.suggestion}
              </button>
              ?
            </>
          )}
          <div className="filter-error-foot">
            <span className="muted">
              {refused && <b>Not applied. </b>}
              {applied === null ? 'Nothing is streamed until a filter is accepted.' : <>The feed goes on with {applied === '' ? 'no filter' : <code className="mono">{applied}</code>}.</>}
            </span>
            <button type="button" className="text-button" onClick={() => (applied === null ? applyFilter('') : draft.set(applied))}>
              {applied === null ? 'Show everything' : applied === '' ? 'Clear' : 'Back to that'}
            </button>
          </div>
        </div>
      )}
      <CheatSheet opened={sheetOpen} onClose={() => setSheetOpen(false)} />
    </div>
  );
}

/** The suggestion stands behind the message as a button; the engine's message names it too. */
function withoutSuggestion(error: KflError): string {
  return error.suggestion ? error.message.replace(/[;,.]? *did you mean .*$/i, '') : error.message;
}
