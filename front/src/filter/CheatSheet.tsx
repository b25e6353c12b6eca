import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { Schema, VariableInfo } from '../api/types';
import { applyFilter, schema } from '../app/dashboard';
import { useStore } from '../lib/store';

const grammar: readonly [string, string][] = [
  ['&&  ||  !  ( )', 'and, or, not, grouping'],
  ['==  !=  <  <=  >  >=', 'comparison'],
  ['x in [200, 204]', 'one of a list; also a key of a map'],
  ['path.startsWith("/api")', 'also endsWith, contains, matches (RE2 regular expression)'],
  ['request.headers["host"]', 'a value of a map'],
  ['elapsed_time > 500000', 'durations are in microseconds'],
];

function matches(text: string, ...fields: (string | undefined)[]): boolean {
  return fields.some((field) => field?.toLowerCase().includes(text));
}

/** The filter language as this hub speaks it: everything below the grammar comes from its schema. */
export function CheatSheet({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const known = useStore(schema);
  const [search, setSearch] = useState('');
  const tryOut = (kfl: string) => {
    applyFilter(kfl);
    onClose();
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Filter language (KFL)" size="xl">
      <div className="sheet">
        <input
          className="sheet-search"
          data-autofocus
          placeholder="Find a variable or function"
          aria-label="Find a variable or function"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        {search === '' && (
          <table>
            <tbody>
              {grammar.map(([form, meaning]) => (
                <tr key={form}>
                  <td className="mono">{form}</td>
                  <td>{meaning}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {known ? <Names known={known} search={search.trim().toLowerCase()} tryOut={tryOut} /> : <p>Waiting for the hub’s schema.</p>}
      </div>
    </Modal>
  );
}

function Names({ known, search, tryOut }: { known: Schema; search: string; tryOut(kfl: string): void }) {
  const variables = known.variables.filter((v) => matches(search, v.name, v.doc, v.protocol));
  const functions = known.functions.filter((f) => matches(search, f.name, f.doc));
  const groups = new Map<string, VariableInfo[]>();
  for (const variable of variables) {
    const group = variable.protocol ?? '';
    groups.set(group, [...(groups.get(group) ?? []), variable]);
  }
  return (
    <>
      {[...groups].map(([group, members]) => (
        <section key={group}>
          <h3>{group === '' ? 'Every entry' : (known.protocols.find((p) => p.id === group)?.longName ?? group)}</h3>
          <table>
            <tbody>
              {members.map((variable) => (
                <tr key={variable.name}>
                  <td className="mono">
                    {variable.name} <span className="muted">{variable.type}</span>
                  </td>
                  <td>
                    {variable.doc}{' '}
                    {variable.example && (
                      <button type="button" className="link-button mono" onClick={() => tryOut(variable.example!)}>
                        {variable.example}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
      {functions.length > 0 && (
        <section>
          <h3>Functions</h3>
          <table>
            <tbody>
              {functions.map((f) => (
                <tr key={f.signature}>
                  <td className="mono">{f.signature}</td>
                  <td>{f.doc}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {variables.length + functions.length === 0 && <p>Nothing here is called “{search}”.</p>}
    </>
  );
}
