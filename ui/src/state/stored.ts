import type { ConversationId, Ipc } from '../ipc';
import { valueOf, type Scope, type Setting } from '../lib/settings';

/** What keeps the settings of an account. */
export type SettingsIpc = Pick<Ipc, 'setting' | 'setSetting'>;

type Kept = Exclude<Scope, 'page'>;
/** Which conversation it is of, if it is of one. */
type Of<S> = S extends 'conversation' ? [ConversationId] : [];

/** A setting of an account, as it is kept. */
export const stored = async <T, S extends Kept>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  ...of: Of<S>
): Promise<T> => valueOf(setting, await ipc.setting(setting.key, of[0] ?? null));

/** Keeps one, if that can be kept. */
export async function store<T, S extends Kept>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  value: T,
  ...of: Of<S>
) {
  const written = setting.write(value);
  if (written !== null) await ipc.setSetting(setting.key, of[0] ?? null, written);
}
