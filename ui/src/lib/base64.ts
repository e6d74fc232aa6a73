/** Returns the bytes of a file in base64. */
export const base64Of = (file: Blob) =>
  new Promise<string>((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(',', 2)[1] ?? '');
    reader.onerror = () => failed(reader.error ?? new Error());
    reader.readAsDataURL(file);
  });
