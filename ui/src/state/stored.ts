import type { ConversationId, Ipc } from '../ipc';
import { valueOf, type Scope, type Setting } from '../lib/settings';

/** What keeps the settings of an account. */
export type SettingsIpc = Pick<Ipc, 'choice' | 'choose' | 'setting' | 'setSetting'>;

type Kept = Exclude<Scope, 'page'>;
/** Which conversation it is of, if it is of one. */
type Of<S> = S extends 'conversation' ? [ConversationId] : [];

const nameOf = (name: string, of: string[]) => [name, ...of].join('.');

/** A setting of an account, as it is kept. */
export async function stored<T, S extends Kept>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  ...of: Of<S>
): Promise<T> {
  const name = nameOf(setting.name, of);
  const isShared = setting.scope === 'allDevices';
  return valueOf(setting, await (isShared ? ipc.choice(name) : ipc.setting(name)));
}

/** Keeps one, if that can be kept. */
export async function store<T, S extends Kept>(
  ipc: SettingsIpc,
  setting: Setting<T, S>,
  value: T,
  ...of: Of<S>
) {
  const [name, written] = [nameOf(setting.name, of), setting.write(value)];
  if (written === null) return;
  await (setting.scope === 'allDevices'
    ? ipc.choose(name, written)
    : ipc.setSetting(name, written));
}
