import { flushSync, mount, unmount, type Component } from 'svelte';
import { onTestFinished } from 'vitest';
import type { Ipc } from '../ipc';
import { AppState, setApp } from '../state/app.svelte';

/** Returns the window's state with the commands that the test implements. Every other command returns nothing. */
export function appWith(ipc: Partial<Ipc>): AppState {
  const silent = { get: (held: Ipc, name: string) => Reflect.get(held, name) ?? answersNothing };
  return new AppState(new Proxy(ipc as Ipc, silent));
}

const answersNothing = () => Promise.resolve(undefined);

/** Mounts a component into the page, with `app` as its context, until the test ends. */
export function mounted<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: Props,
  app: AppState,
): HTMLElement {
  const target = document.body.appendChild(document.createElement('div'));
  const close = shown(component, props, app, target);
  onTestFinished(() => {
    close();
    target.remove();
  });
  return target;
}

/** Mounts a component and returns a function that removes it, for tests that show it several times. */
export function shown<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: Props,
  app: AppState,
  target: HTMLElement = document.body,
): () => void {
  stubLayout();
  const below = ((anchor: never, its: Props) => {
    setApp(app);
    return component(anchor, its);
  }) as Component<Props>;
  const made = mount(below, { target, props, context: new Map() });
  flushSync();
  return () => void unmount(made);
}

/** Adds what jsdom lacks because it has no layout. */
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
