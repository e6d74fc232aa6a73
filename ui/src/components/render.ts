import { flushSync, mount, unmount, type Component } from 'svelte';
import { onTestFinished } from 'vitest';
import type { Ipc } from '../ipc';
import { AppState, setApp } from '../state/app.svelte';

/** Creates the window's state with the commands of the test. All other commands return nothing. */
export function createApp(ipc: Partial<Ipc>): AppState {
  const handler = { get: (target: Ipc, name: string) => Reflect.get(target, name) ?? noResult };
  return new AppState(new Proxy(ipc as Ipc, handler));
}

const noResult = () => Promise.resolve(undefined);

/** Mounts a component into the page, with `app` as its context, until the test ends. */
export function render<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: Props,
  app: AppState,
): HTMLElement {
  const target = document.body.appendChild(document.createElement('div'));
  const close = mountComponent(component, props, app, target);
  onTestFinished(() => {
    close();
    target.remove();
  });
  return target;
}

/** Mounts a component and returns a function that removes it, for tests that show it several times. */
export function mountComponent<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: Props,
  app: AppState,
  target: HTMLElement = document.body,
): () => void {
  stubLayout();
  const wrapper = ((anchor: never, wrapped: Props) => {
    setApp(app);
    return component(anchor, wrapped);
  }) as Component<Props>;
  const instance = mount(wrapper, { target, props, context: new Map() });
  flushSync();
  return () => void unmount(instance);
}

/** Adds the browser functions that jsdom lacks because it has no layout. */
function stubLayout() {
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  globalThis.IntersectionObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  } as never;
  Element.prototype.scrollIntoView ??= () => undefined;
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
}
