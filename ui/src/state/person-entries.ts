import type { UserId } from '../ipc';
import type { MenuEntry } from '../lib/menu';
import { text } from '../lib/text';
import type { AppState } from './app.svelte';

/** Returns the menu entries for a person. The card is shown beside `anchor`. */
export function personEntries(app: AppState, id: UserId, anchor: HTMLElement): MenuEntry[] {
  const write = () => app.attempt(async () => app.open(await app.ipc.createP2p(id)));
  const isOwn = id === app.account?.userId;
  return [
    { name: text.profile, act: () => app.showCard(id, anchor) },
    ...(isOwn ? [] : [{ name: text.writeTo, act: () => void write() }]),
  ];
}
