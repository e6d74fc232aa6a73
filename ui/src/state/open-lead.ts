import type { ConversationId, Lead, MessageId } from '../ipc';
import { problemText } from '../lib/text';

/** The part of the window that is used here. */
type Target = {
  openMessage: (id: MessageId) => Promise<void>;
  open: (id: ConversationId) => Promise<void>;
  addAccount: (link: string) => void;
  dialog: string | null;
  toast: string | null;
};

/** Opens what the user chose outside of the page: in a notification, in the tray, or by a link. */
export async function openLead(target: Target, lead: Lead) {
  switch (lead.to) {
    case 'account':
      return;
    case 'message':
      return target.openMessage(lead.message);
    case 'conversation':
      return target.open(lead.conversation);
    case 'signIn':
      return target.addAccount(lead.link);
    case 'nowhere':
      target.toast = problemText(lead.problem);
      return;
    case 'closing':
      target.dialog = 'closing';
  }
}
