import type { ConversationId } from '../ipc';
import { CAUSES, LEVELS, type Level } from '../lib/notifications';
import { SETTINGS } from '../lib/settings';
import { storeSetting, loadSetting, type SettingsIpc } from './setting-store';

/** How a conversation can notify. */
export const LEVEL_CHOICES = ['account', 'all', 'mentions', 'nothing', 'custom'] as const;
export type LevelChoice = (typeof LEVEL_CHOICES)[number];

type Levels = Record<(typeof CAUSES)[number], Level>;
/** How a conversation notifies: its own levels count only with the choice `custom`. */
export type ConversationLevels = { choice: LevelChoice; levels: Levels };

/** Returns the account's level of each cause. */
export async function accountLevels(ipc: SettingsIpc): Promise<Levels> {
  const levels = await Promise.all(CAUSES.map((cause) => loadSetting(ipc, SETTINGS[cause])));
  return Object.fromEntries(CAUSES.map((cause, index) => [cause, levels[index]!])) as Levels;
}

/** Returns how a conversation notifies. An invalid choice counts as that of the account. */
export async function loadConversationLevels(
  ipc: SettingsIpc,
  id: ConversationId,
): Promise<ConversationLevels> {
  const [storedChoice, ...storedLevels] = await loadSetting(ipc, SETTINGS.notifyIn, id);
  const levels = await accountLevels(ipc);
  const choice = LEVEL_CHOICES.find((choice) => choice === storedChoice) ?? 'account';
  if (choice !== 'custom') return { choice, levels };
  const parsed = storedLevels.map((name) => LEVELS.find((level) => level === name));
  if (parsed.length !== CAUSES.length || parsed.includes(undefined))
    return { choice: 'account', levels };
  const custom = Object.fromEntries(CAUSES.map((cause, index) => [cause, parsed[index]!]));
  return { choice, levels: custom as Levels };
}

/** Stores how a conversation notifies. */
export const storeConversationLevels = (
  ipc: SettingsIpc,
  id: ConversationId,
  { choice, levels }: ConversationLevels,
) =>
  storeSetting(
    ipc,
    SETTINGS.notifyIn,
    choice === 'custom' ? [choice, ...CAUSES.map((cause) => levels[cause])] : [choice],
    id,
  );
