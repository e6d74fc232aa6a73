import type { ConversationId, NavigationTarget, MessageId } from '../ipc';
import { problemText } from '../lib/text';

/** The part of the window that is used here. */
type NavigableWindow = {
  openMessage: (id: MessageId) => Promise<void>;
  open: (id: ConversationId) => Promise<void>;
  addAccount: (link: string) => void;
  dialog: string | null;
  toast: string | null;
};

/** Opens what the user chose outside of the page: in a notification, in the tray, or by a link. */
export async function navigate(window: NavigableWindow, target: NavigationTarget) {
  switch (target.to) {
    case 'account':
      return;
    case 'message':
      return window.openMessage(target.message);
    case 'conversation':
      return window.open(target.conversation);
    case 'signIn':
      return window.addAccount(target.link);
    case 'invalidLink':
      window.toast = problemText(target.problem);
      return;
    case 'closing':
      window.dialog = 'closing';
  }
}
