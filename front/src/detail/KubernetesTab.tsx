import { Loader, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { fetchManifests } from '../api/rest';
import type { Asked, EntryDetail, EndManifests, Endpoint, Manifests, Row } from '../api/types';
import { schema } from '../app/dashboard';
import { hasAddress } from '../feed/RowEnd';
import { equalsClause } from '../filter/clauses';
import { endClause, labelClause, type Side } from '../filter/rowClauses';
import { endpoint } from '../lib/format';
import { saveAs } from '../lib/saveAs';
import { useStore } from '../lib/store';
import { useFetched, type Fetched } from '../lib/useFetched';
import { CodeView } from './CodeView';
import { CopyButton } from './CopyButton';
import { Notice } from './Notice';
import { Value } from './Value';

const sideTitles: Record<Side, string> = { src: 'Source', dst: 'Destination' };
const sides: readonly Side[] = ['src', 'dst'];

/** Both ends as Kubernetes knows them: who they were at the time of the call, and their manifests as they are now. */
export function KubernetesTab({ id, row, detail }: { id: string; row: Row; detail: EntryDetail }) {
  const fetched = useFetched(id, fetchManifests);
  const isEvent = row.kind === 'event';
  return (
    <div className="detail-scroll">
      <div className="k8s-ends">
        {sides
          .filter((side) => !isEvent || side === 'dst')
          .map((side) => (
            <EndFacts key={side} side={side} title={isEvent ? 'About' : sideTitles[side]} end={row[side]} labels={labelsOf(detail.entry, side)} asked={side === 'dst' ? row.nat : undefined} />
          ))}
      </div>
      <ManifestView fetched={fetched} />
    </div>
  );
}

function labelsOf(entry: Record<string, unknown>, side: Side): Record<string, string> {
  const end = entry[side] as { labels?: Record<string, string> } | undefined;
  return end?.labels ?? {};
}

function EndFacts({ side, title, end, labels, asked }: { side: Side; title: string; end: Endpoint; labels: Record<string, string>; asked: Asked | undefined }) {
  const known = useStore(schema);
  const address = hasAddress(end) ? endpoint({ ip: end.ip, port: end.port }) : '';
  const facts: [string, string | undefined, string | null][] = [
    ['Service', end.service, endClause(known, end, side, 'service')],
    ['Pod', end.pod, endClause(known, end, side, 'pod')],
    ['Namespace', end.namespace, endClause(known, end, side, 'namespace')],
    ['Node', end.node, null],
    ['Name', end.name === end.service || end.name === end.pod ? '' : end.name, equalsClause(known, `${side}.name`, end.name)],
    ['Cluster IP asked', asked && endpoint({ ip: asked.ip, port: asked.port }), asked ? equalsClause(known, 'dst.ip', asked.ip) : null],
    [end.service && !end.pod ? 'Cluster IP asked' : 'Address', address, endClause(known, end, side, 'ip')],
  ];
  return (
    <section className="section">
      <h3>{title}</h3>
      <table className="facts">
        <tbody>
          {facts.map(
            ([name, value, selector]) =>
              value && (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>
                    <Value text={value} selector={selector} />
                  </td>
                </tr>
              ),
          )}
          {Object.entries(labels).map(([name, value], i) => (
            <tr key={`label ${name}`}>
              <th scope="row">{i === 0 && 'Labels'}</th>
              <td>
                <Value text={`${name}=${value}`} selector={labelClause(known, side, name, value)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!end.pod && !end.service && <p className="muted">{end.node ? 'An address of the node itself, or of a pod in its network.' : 'Nothing in the cluster had this address then: an external host, or one that is gone.'}</p>}
    </section>
  );
}

interface Sheet {
  key: string;
  title: string;
  yaml: string;
}

function sheetsOf(manifests: Manifests): Sheet[] {
  return sides.flatMap((side) =>
    (['pod', 'service'] as const).flatMap((what) => {
      const yaml = (manifests[side] as EndManifests | null | undefined)?.[what];
      return yaml ? [{ key: `${side} ${what}`, title: `${sideTitles[side]} ${what}`, yaml }] : [];
    }),
  );
}

function ManifestView({ fetched }: { fetched: Fetched<Manifests> }) {
  const [chosen, setChosen] = useState<string | null>(null);
  if (fetched.state === 'loading') return <p className="muted"><Loader size="xs" mr={8} />Loading the manifests</p>;
  if (fetched.state === 'failed') return <Notice level="warn">No manifests: {fetched.message}</Notice>;
  const sheets = sheetsOf(fetched.value);
  const shown = sheets.find((sheet) => sheet.key === chosen) ?? sheets[0];
  if (!shown) return <Notice level="info">The API server has no manifest of either end: they are outside the cluster, or were deleted since.</Notice>;
  return (
    <section className="section">
      <div className="body-head">
        <h3>Manifests</h3>
        {sheets.length > 1 && <SegmentedControl size="xs" aria-label="Which manifest" value={shown.key} onChange={setChosen} data={sheets.map(({ key, title }) => ({ value: key, label: title }))} />}
        <span className="muted">as they are now</span>
        <span className="spacer" />
        <button type="button" className="text-button" onClick={() => saveAs(new Blob([shown.yaml], { type: 'application/yaml' }), `${shown.key.replace(' ', '-')}.yaml`)}>
          Download
        </button>
        <CopyButton text={() => shown.yaml} label="Copy the manifest" />
      </div>
      <CodeView key={shown.key} text={shown.yaml} language="yaml" maxHeight={560} label={shown.title} />
    </section>
  );
}
