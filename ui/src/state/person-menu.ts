import type { UserId } from '../ipc';
import type { MenuEntry } from '../lib/menu';
import { text } from '../lib/text';
import type { AppState } from './app.svelte';

/**
 * Opens the context menu of a person at the element that shows them. `more` are further entries, which depend on where
 * the person is shown.
 */
export function openPersonMenu(
  app: AppState,
  event: MouseEvent & { currentTarget: HTMLElement },
  { id, name }: { id: UserId; name: string },
  more: () => MenuEntry[] = () => [],
) {
  const anchor = event.currentTarget;
  const write = () => app.attempt(async () => app.open(await app.ipc.createP2p(id)));
  const isOwn = id === app.account?.userId;
  app.menu.open(event, name, () => [
    { name: text.profile, act: () => app.showCard(id, anchor) },
    ...(isOwn ? [] : [{ name: text.writeTo, act: () => void write() }]),
    ...more(),
  ]);
}
