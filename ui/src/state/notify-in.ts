import type { ConversationId } from '../ipc';
import { SETTINGS } from '../lib/settings';
import { store, stored, type SettingsIpc } from './stored';

/** The choices of how a conversation notifies. Levels that were set by other means are none of these. */
export const CHOICES_IN = ['account', 'all', 'mentions', 'nothing'] as const;
export type ChoiceIn = (typeof CHOICES_IN)[number];

/** Returns the choice for a conversation. */
export async function choiceIn(ipc: SettingsIpc, id: ConversationId): Promise<ChoiceIn | null> {
  const [word] = await stored(ipc, SETTINGS.notifyIn, id);
  return CHOICES_IN.find((choice) => choice === word) ?? null;
}

/** Sets the choice for a conversation. */
export const chooseIn = (ipc: SettingsIpc, id: ConversationId, choice: ChoiceIn) =>
  store(ipc, SETTINGS.notifyIn, [choice], id);
