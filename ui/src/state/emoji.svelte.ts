import type { Ipc } from '../ipc';
import { OFTEN } from '../lib/emoji';

/** Emoji that are remembered as used lately. */
const MOST = 24;

/** Which emoji somebody uses, and in which skin tone: remembered on this computer. */
export class EmojiChoices {
  recent = $state.raw<string[]>(OFTEN);
  tone = $state(0);

  constructor(private ipc: Pick<Ipc, 'setting' | 'setSetting'>) {}

  async load() {
    const [recent, tone] = await Promise.all([
      this.ipc.setting('emoji_recent'),
      this.ipc.setting('emoji_tone'),
    ]);
    if (recent) this.recent = recent.split(' ');
    this.tone = Number(tone ?? 0);
  }

  async used(emoji: string) {
    this.recent = [emoji, ...this.recent.filter((other) => other !== emoji)].slice(0, MOST);
    await this.ipc.setSetting('emoji_recent', this.recent.join(' '));
  }

  async setTone(tone: number) {
    this.tone = tone;
    await this.ipc.setSetting('emoji_tone', String(tone));
  }
}
