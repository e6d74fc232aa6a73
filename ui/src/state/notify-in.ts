import type { ConversationId } from '../ipc';
import { SETTINGS } from '../lib/settings';
import { store, stored, type SettingsIpc } from './stored';

/** How a conversation can notify. One that was chosen by an other means counts as none of these. */
export const CHOICES_IN = ['account', 'all', 'mentions', 'nothing'] as const;
export type ChoiceIn = (typeof CHOICES_IN)[number];

/** Returns how a conversation notifies. */
export async function choiceIn(ipc: SettingsIpc, id: ConversationId): Promise<ChoiceIn | null> {
  const [word] = await stored(ipc, SETTINGS.notifyIn, id);
  return CHOICES_IN.find((choice) => choice === word) ?? null;
}

/** Chooses how a conversation notifies. */
export const chooseIn = (ipc: SettingsIpc, id: ConversationId, choice: ChoiceIn) =>
  store(ipc, SETTINGS.notifyIn, [choice], id);
