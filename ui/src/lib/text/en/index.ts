/** English: plain, short, sentence case. */
import { ofAccount } from './account';
import { ofConversations } from './conversations';
import { ofErrors } from './errors';
import { ofKeyboard } from './keyboard';
import { ofMessages } from './messages';
import { ofSearch } from './search';
import { ofSync } from './sync';
import { ofWindow } from './window';
import { ofWriting } from './writing';

export const en = {
  ...ofWindow,
  ...ofKeyboard,
  ...ofConversations,
  ...ofMessages,
  ...ofWriting,
  ...ofSearch,
  ...ofAccount,
  ...ofSync,
  ...ofErrors,
};

/** What every language says: the keys of English, with the same parameters. */
export type Catalogue = typeof en;
