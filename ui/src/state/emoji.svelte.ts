import { SETTINGS } from '../lib/settings';
import { storeSetting, loadSetting, type SettingsIpc } from './setting-store';

/** Number of recently used emoji that are stored. */
const MAX_RECENT = 24;

/** The emoji that the user recently used, and the chosen skin tone. Both are stored on this computer. */
export class EmojiChoices {
  recent = $state.raw(SETTINGS.recentEmoji.defaultValue);
  tone = $state(SETTINGS.skinTone.defaultValue);

  constructor(private ipc: SettingsIpc) {}

  async load() {
    [this.recent, this.tone] = await Promise.all([
      loadSetting(this.ipc, SETTINGS.recentEmoji),
      loadSetting(this.ipc, SETTINGS.skinTone),
    ]);
  }

  /** Adds an emoji to the recently used ones. */
  async addRecent(emoji: string) {
    this.recent = [emoji, ...this.recent.filter((other) => other !== emoji)].slice(0, MAX_RECENT);
    await storeSetting(this.ipc, SETTINGS.recentEmoji, this.recent);
  }

  async setTone(tone: number) {
    this.tone = tone;
    await storeSetting(this.ipc, SETTINGS.skinTone, tone);
  }
}
