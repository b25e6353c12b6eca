// Mantine's styles come first: ours may overrule them.
import './app/mantine.css';
import './app/base.css';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startDashboard } from './app/dashboard';
import { theme } from './app/theme';

startDashboard();
createRoot(document.getElementById('root')!).render(
  <MantineProvider theme={theme} defaultColorScheme="auto">
    <App />
  </MantineProvider>,
);
