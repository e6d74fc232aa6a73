import type { ConversationId, Ipc } from '../ipc';
import { valueOf, type Scope, type Setting } from '../lib/settings';

/** The commands that read and write an account's settings. */
export type SettingsIpc = Pick<Ipc, 'setting' | 'setSetting'>;

type Kept = Exclude<Scope, 'page'>;
/** The conversation, if the setting belongs to one. */
type Of<S> = S extends 'conversation' | 'conversationOnAllDevices' ? [ConversationId] : [];

/** Returns the stored value of an account's setting. */
export const stored = async <T, S extends Kept>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  ...of: Of<S>
): Promise<T> => valueOf(setting, await ipc.setting(setting.key, of[0] ?? null));

/** Stores a value of a setting, unless it cannot be stored. */
export async function store<T, S extends Kept>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  value: T,
  ...of: Of<S>
) {
  const written = setting.write(value);
  if (written !== null) await ipc.setSetting(setting.key, of[0] ?? null, written);
}
