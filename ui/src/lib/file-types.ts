import type { MessageFile } from '../ipc';
import { extensionOf } from './files';
import { text } from './text';

/** Returns the name of a file's type: "PDF", "Zstandard archive", or "File" if it is unknown. */
export function typeOf({
  name,
  mediaType,
  kind,
}: Pick<MessageFile, 'name' | 'mediaType' | 'kind'>) {
  if (kind.type === 'sound') return text.fileTypes.sound;
  if (kind.type === 'film') return text.fileTypes.film;
  const known = TYPES[mediaType] ?? BY_TOP_LEVEL_TYPE[mediaType.split('/', 1)[0] ?? ''];
  if (known) return text.fileTypes[known];
  const extension = extensionOf(name);
  return extension === '' ? text.fileTypes.file : text.typeByExtension({ extension });
}

type TypeName = keyof typeof text.fileTypes;
/** The names of common media types. The sender's program detects the media type from the content. */
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
const BY_TOP_LEVEL_TYPE: Record<string, TypeName> = {
  image: 'picture',
  audio: 'sound',
  video: 'film',
  text: 'text',
  font: 'font',
};
