import { samplePicture, sampleFile } from './sample-files';
import type { World } from './world';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Adds a group with pictures and files in every state. */
export function addGallery(world: World) {
  const conversation = world.add('group', 'Pictures and files', ['oak', 'jay', 'linnet'], {
    topic: 'What we drew, measured and wrote',
  });
  const post = (
    ago: number,
    name: string,
    body: string,
    files: ReturnType<typeof samplePicture>[],
  ) => {
    const sender = name === 'wren' ? world.me : world.person(name);
    world.deliver(conversation, world.item(sender, body, { sentAt: world.now() - ago, files }));
  };
  post(30 * 24 * HOUR, 'linnet', '', [
    sampleFile(world, 'minutes-2026-10-22.odt', 'application/vnd.oasis.opendocument.text', 38_000),
  ]);
  post(
    6 * HOUR,
    'jay',
    'One inline cache per call site now. The flame graph of this morning’s run:',
    [samplePicture(world, 'flame-after.png', 1_210_000)],
  );
  post(5 * HOUR, 'oak', 'Photos from the week at the lake. Thank you all for coming.', [
    samplePicture(world, 'hills.jpg', 1_900_000),
    samplePicture(world, 'lake-at-six.jpg', 2_300_000),
    samplePicture(world, 'whiteboard.jpg', 1_100_000),
    samplePicture(world, 'desk.jpg', 1_400_000),
  ]);
  post(4 * HOUR, 'linnet', '', [samplePicture(world, 'tall.png', 90_000, false)]);
  const transferring = { isUpload: false, done: 96_000_000, total: 214_000_000, problem: null };
  post(3 * HOUR, 'jay', '@wren the report, and the raw traces for whoever wants to look:', [
    sampleFile(world, 'dispatch-2026-11.pdf', 'application/pdf', 1_800_000),
    sampleFile(world, 'traces-2026-11-18.tar.zst', 'application/zstd', 214_000_000, transferring),
    sampleFile(
      world,
      'a-name-that-is-much-too-long-to-be-shown-in-one-row-of-the-timeline.xlsx',
      'application/vnd.ms-excel',
      48_000,
      false,
    ),
    sampleFile(world, 'measure.sh', 'text/x-shellscript', 912),
  ]);
  post(
    2 * HOUR,
    'wren',
    'Ten from yesterday',
    Array.from({ length: 10 }, (_, index) =>
      samplePicture(
        world,
        ['hills.jpg', 'whiteboard.jpg', 'desk.jpg', 'lake-at-six.jpg'][index % 4]!,
        1_000_000,
      ),
    ),
  );
  const refused = { state: 'refused' as const, code: 'invalid' as const };
  conversation.lastReadSeq = conversation.messages.length;
  conversation.messages.push(
    world.item(world.me, 'Seconds for each commit, before and after:', {
      ...{
        files: [samplePicture(world, 'flame-after.png', 3_100_000)],
        delivery: { state: 'waiting' },
      },
      sentAt: world.now() - HOUR,
    }),
    world.item(world.me, '', {
      files: [samplePicture(world, 'desk.jpg', 800_000)],
      sentAt: world.now() - 50 * MINUTE,
      delivery: { ...refused, reason: { key: 'fileQuota', maxMib: 5120 } },
    }),
  );
  const [waiting] = conversation.messages.slice(-2);
  const hash = waiting!.files[0]!.hash;
  const transfer = { isUpload: true, done: 1_200_000, total: 3_100_000, problem: null };
  world.fileStates.set(hash, { hash, isHere: true, transfer });
}
