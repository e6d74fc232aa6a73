const known = new Map<string, boolean>();

/** Returns whether this system's web view can play a media type. */
export function canPlay(mediaType: string): boolean {
  const before = known.get(mediaType);
  if (before !== undefined) return before;
  const kind = mediaType.startsWith('video/') ? 'video' : 'audio';
  const can = document.createElement(kind).canPlayType?.(mediaType);
  known.set(mediaType, Boolean(can));
  return Boolean(can);
}
