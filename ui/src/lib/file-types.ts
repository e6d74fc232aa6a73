import type { MessageFile } from '../ipc';
import { endingOf } from './files';
import { text } from './text';

/** Returns the type of a file in words: "PDF", "Zstandard archive"; without a better one, "File". */
export function typeOf({
  name,
  mediaType,
  kind,
}: Pick<MessageFile, 'name' | 'mediaType' | 'kind'>) {
  if (kind.type === 'sound') return text.fileTypes.sound;
  if (kind.type === 'film') return text.fileTypes.film;
  const known = TYPES[mediaType] ?? BY_GROUP[mediaType.split('/', 1)[0] ?? ''];
  if (known) return text.fileTypes[known];
  const ending = endingOf(name);
  return ending === '' ? text.fileTypes.file : text.typeByEnding({ ending });
}

type TypeName = keyof typeof text.fileTypes;
/** The names of media types that people send. The media type is what the sender's program found in the bytes. */
const TYPES: Record<string, TypeName> = {
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/gzip': 'gzip',
  'application/zstd': 'zstd',
  'application/x-tar': 'tar',
  'application/x-7z-compressed': 'sevenZip',
  'application/json': 'json',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'document',
  'application/vnd.oasis.opendocument.text': 'document',
  'application/msword': 'document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'table',
  'application/vnd.oasis.opendocument.spreadsheet': 'table',
  'application/vnd.ms-excel': 'table',
  'text/csv': 'table',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'slides',
  'application/vnd.oasis.opendocument.presentation': 'slides',
  'application/vnd.ms-powerpoint': 'slides',
  'text/html': 'html',
};
const BY_GROUP: Record<string, TypeName> = {
  image: 'picture',
  audio: 'sound',
  video: 'film',
  text: 'text',
  font: 'font',
};
