const cache = new Map<string, boolean>();

/** Returns whether this system's web view can play a media type. */
export function canPlay(mediaType: string): boolean {
  const cached = cache.get(mediaType);
  if (cached !== undefined) return cached;
  const kind = mediaType.startsWith('video/') ? 'video' : 'audio';
  const answer = document.createElement(kind).canPlayType?.(mediaType);
  cache.set(mediaType, Boolean(answer));
  return Boolean(answer);
}
