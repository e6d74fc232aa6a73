import type { ConversationId } from '../ipc';
import { CAUSES, LEVELS, type Level } from '../lib/notifications';
import { SETTINGS } from '../lib/settings';
import { store, stored, type SettingsIpc } from './stored';

/** How a conversation can notify. */
export const CHOICES_IN = ['account', 'all', 'mentions', 'nothing', 'custom'] as const;
export type ChoiceIn = (typeof CHOICES_IN)[number];

type Levels = Record<(typeof CAUSES)[number], Level>;
/** How a conversation notifies: its own levels count only with the choice `custom`. */
export type NotifyIn = { choice: ChoiceIn; levels: Levels };

/** Returns the account's level of each cause. */
export async function accountLevels(ipc: SettingsIpc): Promise<Levels> {
  const levels = await Promise.all(CAUSES.map((cause) => stored(ipc, SETTINGS[cause])));
  return Object.fromEntries(CAUSES.map((cause, at) => [cause, levels[at]!])) as Levels;
}

/** Returns how a conversation notifies; a choice that cannot be read is the account's, as it is where it counts. */
export async function notifyIn(ipc: SettingsIpc, id: ConversationId): Promise<NotifyIn> {
  const [word, ...own] = await stored(ipc, SETTINGS.notifyIn, id);
  const levels = await accountLevels(ipc);
  const choice = CHOICES_IN.find((one) => one === word) ?? 'account';
  if (choice !== 'custom') return { choice, levels };
  const read = own.map((one) => LEVELS.find((level) => level === one));
  if (read.length !== CAUSES.length || read.includes(undefined))
    return { choice: 'account', levels };
  const custom = Object.fromEntries(CAUSES.map((cause, at) => [cause, read[at]!]));
  return { choice, levels: custom as Levels };
}

/** Chooses how a conversation notifies. */
export const chooseIn = (ipc: SettingsIpc, id: ConversationId, { choice, levels }: NotifyIn) =>
  store(
    ipc,
    SETTINGS.notifyIn,
    choice === 'custom' ? [choice, ...CAUSES.map((cause) => levels[cause])] : [choice],
    id,
  );
