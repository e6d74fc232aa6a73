import type { ConversationId, Lead, MessageId } from '../ipc';
import { problemText } from '../lib/text';

/** What an account can show. */
type Shown = {
  openMessage: (id: MessageId) => Promise<void>;
  open: (id: ConversationId) => Promise<void>;
  addAccount: (link: string) => void;
  dialog: string | null;
  toast: string | null;
};

/** Shows what the user chose outside of the page: in a notification, in the tray, or by a link. */
export async function follow(shown: Shown, lead: Lead) {
  switch (lead.to) {
    case 'account':
      return;
    case 'message':
      return shown.openMessage(lead.message);
    case 'conversation':
      return shown.open(lead.conversation);
    case 'signIn':
      return shown.addAccount(lead.link);
    case 'nowhere':
      shown.toast = problemText(lead.problem);
      return;
    case 'closing':
      shown.dialog = 'closing';
  }
}
