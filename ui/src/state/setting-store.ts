import type { ConversationId, Ipc } from '../ipc';
import { valueOf, type Scope, type Setting } from '../lib/settings';

/** The commands that read and write an account's settings. */
export type SettingsIpc = Pick<Ipc, 'setting' | 'setSetting'>;

type StoredScope = Exclude<Scope, 'page'>;
/** The conversation, if the setting belongs to one. */
type ConversationArgument<S> = S extends 'conversation' | 'conversationOnAllDevices'
  ? [ConversationId]
  : [];

/** Returns the stored value of an account's setting. */
export const loadSetting = async <T, S extends StoredScope>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  ...[conversation]: ConversationArgument<S>
): Promise<T> => valueOf(setting, await ipc.setting(setting.key, conversation ?? null));

/** Stores a value of a setting, unless it cannot be stored. */
export async function storeSetting<T, S extends StoredScope>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  value: T,
  ...[conversation]: ConversationArgument<S>
) {
  const stored = setting.write(value);
  if (stored !== null) await ipc.setSetting(setting.key, conversation ?? null, stored);
}
