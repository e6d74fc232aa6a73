import { drawn, plain } from './drawn';
import type { World } from './world';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Adds a group with pictures and files in every state. */
export function gallery(world: World) {
  const room = world.add('group', 'Pictures and files', ['oak', 'jay', 'linnet'], {
    topic: 'What we drew, measured and wrote',
  });
  const tell = (ago: number, who: string, body: string, files: ReturnType<typeof drawn>[]) => {
    const sender = who === 'wren' ? world.me : world.person(who);
    world.deliver(room, world.item(sender, body, { sentAt: world.now() - ago, files }));
  };
  tell(30 * 24 * HOUR, 'linnet', '', [
    plain(world, 'minutes-2026-10-22.odt', 'application/vnd.oasis.opendocument.text', 38_000),
  ]);
  tell(
    6 * HOUR,
    'jay',
    'One inline cache per call site now. The flame graph of this morning’s run:',
    [drawn(world, 'flame-after.png', 1_210_000)],
  );
  tell(5 * HOUR, 'oak', 'Photos from the week at the lake. Thank you all for coming.', [
    drawn(world, 'hills.jpg', 1_900_000),
    drawn(world, 'lake-at-six.jpg', 2_300_000),
    drawn(world, 'whiteboard.jpg', 1_100_000),
    drawn(world, 'desk.jpg', 1_400_000),
  ]);
  tell(4 * HOUR, 'linnet', '', [drawn(world, 'tall.png', 90_000, false)]);
  const moving = { isUpload: false, done: 96_000_000, total: 214_000_000, problem: null };
  tell(3 * HOUR, 'jay', '@wren the report, and the raw traces for whoever wants to look:', [
    plain(world, 'dispatch-2026-11.pdf', 'application/pdf', 1_800_000),
    plain(world, 'traces-2026-11-18.tar.zst', 'application/zstd', 214_000_000, moving),
    plain(
      world,
      'a-name-that-is-much-too-long-to-be-shown-in-one-row-of-the-timeline.xlsx',
      'application/vnd.ms-excel',
      48_000,
      false,
    ),
    plain(world, 'measure.sh', 'text/x-shellscript', 912),
  ]);
  tell(
    2 * HOUR,
    'wren',
    'Ten from yesterday',
    Array.from({ length: 10 }, (_, at) =>
      drawn(
        world,
        ['hills.jpg', 'whiteboard.jpg', 'desk.jpg', 'lake-at-six.jpg'][at % 4]!,
        1_000_000,
      ),
    ),
  );
  const refused = { state: 'refused' as const, code: 'invalid' as const };
  room.lastReadSeq = room.messages.length;
  room.messages.push(
    world.item(world.me, 'Seconds for each commit, before and after:', {
      ...{ files: [drawn(world, 'flame-after.png', 3_100_000)], delivery: { state: 'waiting' } },
      sentAt: world.now() - HOUR,
    }),
    world.item(world.me, '', {
      files: [drawn(world, 'desk.jpg', 800_000)],
      sentAt: world.now() - 50 * MINUTE,
      delivery: { ...refused, reason: { key: 'fileQuota', mostMib: 5120 } },
    }),
  );
  const [waiting] = room.messages.slice(-2);
  const hash = waiting!.files[0]!.hash;
  const transfer = { isUpload: true, done: 1_200_000, total: 3_100_000, problem: null };
  world.fileStates.set(hash, { hash, isHere: true, transfer });
}
