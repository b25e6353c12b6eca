import { Kbd, Modal } from '@mantine/core';

const shortcuts: readonly [string[], string][] = [
  [['j', '↓'], 'next (newer) row'],
  [['k', '↑'], 'previous (older) row'],
  [['Enter'], 'open the selected row'],
  [['Esc'], 'close the details; leave the filter'],
  [['1', '…', '6'], 'Request, Response, Data, Connection, PCAP, K8S'],
  [['/'], 'go to the filter'],
  [['p'], 'pause or resume the feed'],
  [['g'], 'oldest row'],
  [['G', 'End'], 'newest row, and follow the feed'],
  [['PgUp', 'PgDn'], 'scroll a page'],
  [['l'], 'ledger: where every byte went'],
  [['n'], 'nodes: workers, drops, blind spots'],
  [['t'], 'targets: which pods are captured (in a cluster)'],
  [['?'], 'this list'],
];

export function Shortcuts({ opened, onClose }: { opened: boolean; onClose(): void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="md">
      <div className="sheet">
        <table>
          <tbody>
            {shortcuts.map(([keys, meaning]) => (
              <tr key={meaning}>
                <td>
                  {keys.map((key) => (key === '…' ? ' … ' : <Kbd key={key} mr={4}>{key}</Kbd>))}
                </td>
                <td>{meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="muted">
          The + on a value adds it to the filter with &amp;&amp;; with <Kbd>Alt</Kbd> held it excludes the value.
        </p>
      </div>
    </Modal>
  );
}
