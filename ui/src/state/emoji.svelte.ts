import { SETTINGS } from '../lib/settings';
import { store, stored, type SettingsIpc } from './stored';

/** Number of recently used emoji that are remembered. */
const MOST = 24;

/** The emoji that the user recently used, and the chosen skin tone. Both are remembered on this computer. */
export class EmojiChoices {
  recent = $state.raw(SETTINGS.recentEmoji.otherwise);
  tone = $state(SETTINGS.skinTone.otherwise);

  constructor(private ipc: SettingsIpc) {}

  async load() {
    [this.recent, this.tone] = await Promise.all([
      stored(this.ipc, SETTINGS.recentEmoji),
      stored(this.ipc, SETTINGS.skinTone),
    ]);
  }

  async used(emoji: string) {
    this.recent = [emoji, ...this.recent.filter((other) => other !== emoji)].slice(0, MOST);
    await store(this.ipc, SETTINGS.recentEmoji, this.recent);
  }

  async setTone(tone: number) {
    this.tone = tone;
    await store(this.ipc, SETTINGS.skinTone, tone);
  }
}
