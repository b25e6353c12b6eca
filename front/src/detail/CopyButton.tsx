import { ActionIcon, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '../app/Icon';

/** navigator.clipboard exists only on https and localhost; elsewhere the old way must do. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('the browser refused');
}

export function CopyButton({ text, label }: { text(): string; label: string }) {
  const [state, setState] = useState<string | null>(null);
  const run = () => {
    copy(text()).then(
      () => setState('Copied'),
      (error: Error) => setState(`Not copied: ${error.message}`),
    );
    setTimeout(() => setState(null), 1500);
  };
  return (
    <Tooltip label={state ?? label} opened={state !== null || undefined}>
      <ActionIcon aria-label={label} onClick={run} size={26} color={state === 'Copied' ? 'green' : 'gray'}>
        <Icon name="copy" />
      </ActionIcon>
    </Tooltip>
  );
}
