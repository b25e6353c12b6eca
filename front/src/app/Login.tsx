import { useState, type FormEvent } from 'react';
import { CopyButton } from '../detail/CopyButton';
import { signIn } from './dashboard';

/** The release's namespace, where the address tells it: the API server's proxy has it in the path. */
function namespaceOf(path: string): string {
  return /\/api\/v1\/namespaces\/([^/]+)\/services\//.exec(path)?.[1] ?? 'default';
}

/** Shown in place of the dashboard while the hub answers 401; the address stays, so that the reader comes back to where they were. */
export function Login() {
  const [token, setToken] = useState('');
  const [state, setState] = useState<'idle' | 'asking' | { problem: string }>('idle');
  const command = `kubectl get secret kubeshark-hub-token -n ${namespaceOf(window.location.pathname)} -o jsonpath='{.data.token}' | base64 -d`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setState('asking');
    signIn(token.trim()).catch((error: Error & { status?: number }) =>
      setState({ problem: error.status === 401 || error.status === 403 ? 'This is not the hub’s token.' : error.message }),
    );
  };
  return (
    <main className="login">
      <form className="login-card" onSubmit={submit}>
        <h1>
          <img src="./favicon.svg" width="26" height="26" alt="" /> Kubeshark
        </h1>
        <p>This hub asks for its token before it shows any traffic.</p>
        <label className="field">
          <span>Token</span>
          <input className="sheet-search mono" type="password" autoFocus autoComplete="current-password" value={token} onChange={(event) => setToken(event.target.value)} />
        </label>
        {typeof state === 'object' && (
          <p className="bad-text" role="alert">
            ✕ {state.problem}
          </p>
        )}
        <button type="submit" className="text-button primary login-button" disabled={token.trim() === '' || state === 'asking'}>
          {state === 'asking' ? 'Asking…' : 'Open the dashboard'}
        </button>
        <div className="login-help">
          <p>Whoever may read the release’s Secret has it:</p>
          <div className="login-command">
            <code className="mono">{command}</code>
            <CopyButton text={() => command} label="Copy the command" />
          </div>
          <p className="muted">
            (<code className="mono">-n</code>: the namespace of the release.) <code className="mono">kubeshark proxy</code> opens the dashboard without this question: it reads the Secret
            with your own rights.
          </p>
        </div>
      </form>
    </main>
  );
}
