import { Component, type ReactNode } from 'react';

interface Props {
  /** what cannot be shown, as in "The details cannot be shown" */
  what: string;
  /** another key, another attempt */
  resetKey: string;
  children: ReactNode;
}

/** An answer that is not as the contract says costs the part that shows it, never the feed. */
export class ErrorBoundary extends Component<Props, { error: Error | null; key: string }> {
  override state = { error: null as Error | null, key: this.props.resetKey };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: { key: string }) {
    return props.resetKey === state.key ? null : { error: null, key: props.resetKey };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <div className="banner error" role="alert">
        <strong>✕ {this.props.what} cannot be shown</strong>
        <span>This is a fault of the dashboard or of the hub’s answer: {this.state.error.message}</span>
      </div>
    );
  }
}
