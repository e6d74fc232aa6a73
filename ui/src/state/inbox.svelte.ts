import type { ActivityEntry } from '../ipc';
import { Activity } from './activity.svelte';
import type { AppState } from './app.svelte';
import { MarkedRead } from './marked-read.svelte';
import { Unread } from './unread.svelte';

/** The views that replace a conversation. */
export type View = 'activity' | 'unread';

/** The views over all conversations. */
export class Inbox {
  view = $state<View | null>(null);
  readonly reads: MarkedRead;
  readonly activity: Activity;
  readonly unread: Unread;

  constructor(private app: AppState) {
    this.reads = new MarkedRead(app.ipc, (work) => app.attempt(work));
    this.activity = new Activity(app.ipc, (work) => app.attempt(work), this.reads);
    this.unread = new Unread(app, this.reads);
  }

  /** Shows a view. */
  async open(view: View) {
    const { app } = this;
    app.listShown = false;
    app.administration.close();
    app.selection.clear();
    app.editing = null;
    this.view = view;
    // No conversation is shown until an entry opens one.
    void app.ipc.watch(null);
    if (view === 'unread') this.unread.start();
    else {
      await this.activity.show(this.activity.kind);
      if (this.activity.current) await this.showEntry(this.activity.current);
    }
  }

  /** Leaves the view, since a conversation is shown instead. */
  close() {
    this.view = null;
  }

  /** Leaves the view for the conversation that was open before. */
  leave() {
    this.close();
    const id = this.app.timeline?.conversationId;
    if (id) void this.app.ipc.watch(id);
  }

  /** Selects an entry of the activity, and shows its message. */
  async showEntry(entry: ActivityEntry) {
    const { conversationId, seq } = entry.position;
    this.activity.chosen = entry.messageId;
    await this.app.attempt(() => this.app.openWithin(conversationId, seq));
  }

  /** Reloads the activity after a change. */
  async changed() {
    await this.activity.changed(this.view === 'activity');
  }
}
