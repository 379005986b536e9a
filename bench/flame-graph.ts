/** What V8's profiler writes, as far as a flame graph needs it. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface Frame {
  readonly name: string;
  readonly room: string;
  self: number;
  total: number;
  readonly children: Map<string, Frame>;
}

const WIDTH = 1200;
const ROW = 17;
/** Frames narrower than this many pixels are left out. */
const MIN_WIDTH = 1.5;
const CHARACTER = 6.6;

/** Draws where CPU time went: the wider a box, the more time in it and in what it called. Idle time is left out. */
export function flameGraph(profile: CpuProfile, title: string): string {
  const root = fold(profile);
  const boxes: string[] = [];
  const depth = draw(root, 0, 0, WIDTH / root.total, boxes);
  const height = (depth + 2) * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fffdf8"/>`,
    `<text x="6" y="${ROW - 4}">${escapeXml(title)}</text>`,
    `<g transform="translate(0 ${ROW})">`,
    ...boxes,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Share of CPU time by room of the code (`lib/plan`), package or kind of native work, in percent; largest first. */
export function shareByRoom(profile: CpuProfile): readonly (readonly [room: string, percent: number])[] {
  const root = fold(profile);
  const rooms = new Map<string, number>();
  const visit = (frame: Frame, outer: string) => {
    // What the engine does belongs to whoever called it.
    const room = frame.room === '' ? outer : frame.room;
    rooms.set(room, (rooms.get(room) ?? 0) + frame.self);
    for (const child of frame.children.values()) visit(child, room);
  };
  visit(root, 'node');
  return [...rooms]
    .map(([room, time]) => [room, Math.round((time / root.total) * 1000) / 10] as const)
    .sort(([, a], [, b]) => b - a);
}

/** One tree for all samples; calls of the same function by the same caller are one frame. */
function fold({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const time = new Map<number, number>();
  for (const [i, id] of samples.entries()) time.set(id, (time.get(id) ?? 0) + (timeDeltas[i] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const root = newFrame('all', 'node');
  const add = (node: ProfileNode, parent: Frame): number => {
    const { functionName, url } = node.callFrame;
    // What starts and stops the profiler is no part of what is profiled.
    if (functionName === '(idle)' || url.includes('/bench/')) return 0;
    // `__name` is put in by the loader that runs TypeScript.
    const isParent = functionName === '__name' || functionName === '(root)';
    const frame = isParent ? parent : childOf(parent, functionName || '(anonymous)', roomOf(functionName, url));
    let total = time.get(node.id) ?? 0;
    frame.self += total;
    for (const id of node.children ?? []) total += add(byId.get(id) as ProfileNode, frame);
    if (!isParent) frame.total += total;
    return total;
  };
  root.total = add(nodes[0] as ProfileNode, root);
  return root;
}

function newFrame(name: string, room: string): Frame {
  return { name, room, self: 0, total: 0, children: new Map() };
}

function childOf(parent: Frame, name: string, room: string): Frame {
  const key = `${name} ${room}`;
  const known = parent.children.get(key);
  if (known !== undefined) return known;
  const child = newFrame(name, room);
  parent.children.set(key, child);
  return child;
}

/** `lib/plan`, `@aws-sdk/core`, `node`; `''` for native code, which says of itself nothing. */
function roomOf(name: string, url: string): string {
  if (name === '(garbage collector)') return 'garbage collection';
  const module = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (module !== undefined) return module;
  if (url.startsWith('node:')) return 'node';
  return /\/((?:lib\/[^/]+|functions|local))\//.exec(url)?.[1] ?? '';
}

/** Answers the depth of what was drawn. */
function draw(frame: Frame, x: number, depth: number, scale: number, boxes: string[]): number {
  const width = frame.total * scale;
  if (width < MIN_WIDTH) return depth - 1;
  const room = Math.floor((width - 6) / CHARACTER);
  const label = room < 3 ? '' : frame.name.slice(0, room);
  boxes.push(
    `<g><title>${escapeXml(`${frame.name} (${frame.room || 'native'})`)} ${((width / WIDTH) * 100).toFixed(1)} %</title>` +
      `<rect x="${x.toFixed(1)}" y="${depth * ROW}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour(frame.room)}"/>` +
      `${label === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${depth * ROW + 12}">${escapeXml(label)}</text>`}</g>`,
  );
  let deepest = depth;
  let at = x;
  for (const child of [...frame.children.values()].sort((a, b) => b.total - a.total)) {
    deepest = Math.max(deepest, draw(child, at, depth + 1, scale, boxes));
    at += child.total * scale;
  }
  return deepest;
}

/** Ours in warm colours, packages and node in cold ones. */
function colour(room: string): string {
  const hue = [...room].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1000, 7);
  const isOurs = /^(lib|functions|local)/.test(room);
  return `hsl(${isOurs ? 15 + (hue % 50) : 180 + (hue % 60)} ${isOurs ? 85 : 45}% ${72 + (hue % 10)}%)`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
