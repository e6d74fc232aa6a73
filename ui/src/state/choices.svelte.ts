import type { Ipc } from '../ipc';

type Needs = Pick<Ipc, 'choice' | 'choose' | 'setting' | 'setSetting'>;

/** What the user chose: for all of their devices, or for this one (how it looks, when it locks). */
export class Choices {
  theme = $state('system');
  /** Whether Enter sends; else it breaks the line, and Ctrl+Enter sends. */
  sendsOnEnter = $state(true);
  /** Whether others see that one is writing, and how far one has read. */
  tellsTyping = $state(true);
  tellsReading = $state(true);
  isCompact = $state(false);
  /** Minutes after which nobody is taken to be there; 0 for never. */
  lockAfter = $state(0);

  constructor(private ipc: Needs) {}

  async load() {
    const [enter, typing, reading, density] = await Promise.all([
      this.ipc.choice('send_on_enter'),
      this.ipc.choice('tell_typing'),
      this.ipc.choice('tell_reading'),
      this.ipc.setting('density'),
    ]);
    this.sendsOnEnter = enter !== 'no';
    this.tellsTyping = typing !== 'no';
    this.tellsReading = reading !== 'no';
    this.isCompact = density === 'compact';
  }

  async loadLockAfter() {
    this.lockAfter = Number((await this.ipc.setting('lock_after')) ?? 0);
  }

  async setLockAfter(minutes: number) {
    this.lockAfter = minutes;
    await this.ipc.setSetting('lock_after', String(minutes));
  }

  async setSendsOnEnter(on: boolean) {
    this.sendsOnEnter = on;
    await this.ipc.choose('send_on_enter', on ? 'yes' : 'no');
  }

  async setTellsTyping(on: boolean) {
    this.tellsTyping = on;
    await this.ipc.choose('tell_typing', on ? 'yes' : 'no');
  }

  async setTellsReading(on: boolean) {
    this.tellsReading = on;
    await this.ipc.choose('tell_reading', on ? 'yes' : 'no');
  }

  async setCompact(on: boolean) {
    this.isCompact = on;
    await this.ipc.setSetting('density', on ? 'compact' : 'comfortable');
  }

  async setTheme(theme: string) {
    this.theme = theme;
    await this.ipc.setSetting('theme', theme);
  }
}
