import { flushSync, mount, unmount, type Component } from 'svelte';
import { setApp, type AppState } from '../state/app.svelte';

/** For tests: shows a component as it stands in the window, and answers what takes it away again. */
export function mounted<P extends Record<string, unknown>>(
  app: AppState,
  component: Component<P>,
  props: P,
): () => void {
  const within = ((...args: Parameters<Component<P>>) => {
    setApp(app);
    return component(...args);
  }) as Component<P>;
  const made = mount(within, { target: document.body, props, context: new Map() });
  flushSync();
  return () => void unmount(made);
}
