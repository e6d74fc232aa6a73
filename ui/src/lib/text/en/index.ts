/** English: plain, short, sentence case. */
import { ofAccount } from './account';
import { ofAdministration } from './administration';
import { ofConversations } from './conversations';
import { ofDesktop } from './desktop';
import { ofErrors } from './errors';
import { ofFailures } from './failures';
import { ofFiles } from './files';
import { ofInbox } from './inbox';
import { ofKeyboard } from './keyboard';
import { ofMessages } from './messages';
import { ofNotifications } from './notifications';
import { ofPeople } from './people';
import { ofRefusals } from './refusals';
import { ofSearch } from './search';
import { ofSync } from './sync';
import { ofWindow } from './window';
import { ofWriting } from './writing';

export const en = {
  ...ofWindow,
  ...ofKeyboard,
  ...ofConversations,
  ...ofMessages,
  ...ofFiles,
  ...ofWriting,
  ...ofSearch,
  ...ofInbox,
  ...ofAccount,
  ...ofAdministration,
  ...ofNotifications,
  ...ofDesktop,
  ...ofPeople,
  ...ofSync,
  ...ofErrors,
  ...ofRefusals,
  ...ofFailures,
};

/** The texts of a language: the keys of English, with the same parameters. */
export type Catalogue = typeof en;
