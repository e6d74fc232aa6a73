/** English: plain, short, sentence case. */
import { accountTexts } from './account';
import { administrationTexts } from './administration';
import { conversationsTexts } from './conversations';
import { desktopTexts } from './desktop';
import { errorsTexts } from './errors';
import { exportTexts } from './export';
import { failuresTexts } from './failures';
import { filesTexts } from './files';
import { inboxTexts } from './inbox';
import { keyboardTexts } from './keyboard';
import { messagesTexts } from './messages';
import { notificationsTexts } from './notifications';
import { peopleTexts } from './people';
import { refusalsTexts } from './refusals';
import { searchTexts } from './search';
import { syncTexts } from './sync';
import { windowTexts } from './window';
import { writingTexts } from './writing';

export const en = {
  ...windowTexts,
  ...keyboardTexts,
  ...conversationsTexts,
  ...messagesTexts,
  ...filesTexts,
  ...writingTexts,
  ...searchTexts,
  ...inboxTexts,
  ...accountTexts,
  ...administrationTexts,
  ...notificationsTexts,
  ...desktopTexts,
  ...peopleTexts,
  ...syncTexts,
  ...errorsTexts,
  ...refusalsTexts,
  ...failuresTexts,
  ...exportTexts,
};

/** The texts of a language: the keys of English, with the same parameters. */
export type Catalogue = typeof en;
