import { ActionIcon, Tooltip, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { ExportMenu } from '../feed/ExportMenu';
import { FilterBar } from '../filter/FilterBar';
import { useStore } from '../lib/store';
import { session } from './dashboard';
import { Icon, type IconName } from './Icon';

const schemes: readonly { scheme: MantineColorScheme; icon: IconName; label: string }[] = [
  { scheme: 'auto', icon: 'auto', label: 'Colours: as the system' },
  { scheme: 'light', icon: 'sun', label: 'Colours: light' },
  { scheme: 'dark', icon: 'moon', label: 'Colours: dark' },
];

export function Header({ onShortcuts }: { onShortcuts(): void }) {
  const { hello, paused } = useStore(session.session);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const now = Math.max(0, schemes.findIndex((s) => s.scheme === colorScheme));
  const shown = schemes[now]!;
  const next = schemes[(now + 1) % schemes.length]!;
  // In a cluster the line below says what is captured.
  const source = hello && hello.mode !== 'cluster' && (hello.mode === 'pcap' ? `file: ${hello.source.replace(/[^, ]*\//g, '')}` : hello.source);
  const pauseLabel = paused ? 'Resume the feed (p)' : 'Pause the feed (p)';
  return (
    <header className="header">
      <div className="brand">
        <img src="./favicon.svg" width="22" height="22" alt="" />
        <span className="brand-name">Kubeshark</span>
        {source && (
          <span className="brand-source" title={`Source: ${hello.source}; hub ${hello.version}; nodes: ${hello.nodes.join(', ')}`}>
            {source}
          </span>
        )}
      </div>
      <FilterBar />
      <div className="tools">
        <Tooltip label={pauseLabel}>
          <ActionIcon aria-label={pauseLabel} aria-pressed={paused} onClick={() => session.setPaused(!paused)} variant={paused ? 'filled' : 'subtle'} color={paused ? 'orange' : 'gray'}>
            <Icon name={paused ? 'play' : 'pause'} />
          </ActionIcon>
        </Tooltip>
        <ExportMenu />
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon aria-label="Keyboard shortcuts" onClick={onShortcuts}>
            <Icon name="keyboard" />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`${shown.label}; click for ${next.scheme}`}>
          <ActionIcon aria-label={shown.label} onClick={() => setColorScheme(next.scheme)}>
            <Icon name={shown.icon} />
          </ActionIcon>
        </Tooltip>
      </div>
    </header>
  );
}
