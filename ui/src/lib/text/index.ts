/** The message catalogue: every sentence that the window shows. Plain, short, sentence case. */
import { ofAccount } from './account';
import { ofConversations } from './conversations';
import { ofMessages } from './messages';
import { ofSearch } from './search';
import { ofWindow } from './window';
import { ofWriting } from './writing';

export { errorText } from './errors';
export { count } from './numbers';

export const text = {
  ...ofWindow,
  ...ofConversations,
  ...ofMessages,
  ...ofWriting,
  ...ofSearch,
  ...ofAccount,
};
