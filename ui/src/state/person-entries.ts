import type { UserId } from '../ipc';
import type { MenuEntry } from '../lib/menu';
import { text } from '../lib/text';
import type { AppState } from './app.svelte';

/** Returns what the user can do about a person anywhere. `place` is where their card is shown. */
export function personEntries(app: AppState, id: UserId, place: HTMLElement): MenuEntry[] {
  const write = () => app.attempt(async () => app.open(await app.ipc.createP2p(id)));
  const isOwn = id === app.account?.userId;
  return [
    { name: text.profile, act: () => app.showCard(id, place) },
    ...(isOwn ? [] : [{ name: text.writeTo, act: () => void write() }]),
  ];
}
