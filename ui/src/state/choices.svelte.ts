import { SETTINGS, type Setting } from '../lib/settings';
import { storeSetting, loadSetting, type SettingsIpc } from './setting-store';

const { theme, isCompact, lockAfter, sendsOnEnter } = SETTINGS;
const { sharesTyping, sendsReadReceipts, sharesPresence, sharesLastSeen } = SETTINGS;
const CHOICES = {
  ...{ theme, isCompact, lockAfter, sendsOnEnter },
  ...{ sharesTyping, sendsReadReceipts, sharesPresence, sharesLastSeen },
};

type Choice = keyof typeof CHOICES;
type Values = { [C in Choice]: (typeof CHOICES)[C]['defaultValue'] };

/** The current values of the settings that decide how the window looks and behaves. */
export class Choices {
  now = $state(
    Object.fromEntries(
      Object.entries(CHOICES).map(([name, { defaultValue }]) => [name, defaultValue]),
    ),
  ) as Values;

  constructor(private ipc: SettingsIpc) {}

  /** Loads the stored values of these settings. */
  async load(...names: Choice[]) {
    const values = await Promise.all(names.map((name) => loadSetting(this.ipc, settingOf(name))));
    Object.assign(this.now, Object.fromEntries(names.map((name, index) => [name, values[index]])));
  }

  /** Sets a value and stores it. */
  async set<C extends Choice>(name: C, value: Values[C]) {
    this.now[name] = value;
    await storeSetting(this.ipc, settingOf(name), value);
  }
}

const settingOf = (name: Choice) => CHOICES[name] as Setting<unknown, 'allDevices' | 'thisDevice'>;
