export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const [WIDTH, HEIGHT, MARGIN, LEGEND] = [720, 360, 56, 190];
const COLORS = ['#1b6ca8', '#d1495b', '#3c8d5a', '#8a5fbf', '#c98a1b'];

/** An SVG of lines over a logarithmic x axis; y begins at 0. */
export function lineChart(title: string, lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const [first, last] = [Math.log(xs[0] ?? 1), Math.log(xs[xs.length - 1] ?? 2)];
  const top = Math.max(1.25, ...points.map(({ y }) => y)) * 1.05;
  const place = {
    x: (x: number) => MARGIN + ((Math.log(x) - first) / (last - first || 1)) * (WIDTH - MARGIN - LEGEND),
    y: (y: number) => HEIGHT - MARGIN - (y / top) * (HEIGHT - 2 * MARGIN),
  };
  const grid = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3].filter((y) => y <= top).map((y) => gridLine(y, place.y(y)));
  const labels = xs.map((x) => text(place.x(x), HEIGHT - MARGIN + 20, x.toLocaleString('en'), 'middle'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(MARGIN, 28, title, 'start'),
    ...grid,
    ...labels,
    ...lines.flatMap((line, i) => drawLine(line, i, place)),
    '</svg>',
    '',
  ].join('\n');
}

interface Place {
  readonly x: (x: number) => number;
  readonly y: (y: number) => number;
}

function drawLine({ name, points }: Line, index: number, place: Place): string[] {
  const color = COLORS[index % COLORS.length] as string;
  const path = points.map(({ x, y }) => `${place.x(x).toFixed(1)},${place.y(y).toFixed(1)}`).join(' ');
  const y = MARGIN + index * 20;
  return [
    `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
    `<line x1="${WIDTH - LEGEND + 16}" x2="${WIDTH - LEGEND + 40}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2"/>`,
    text(WIDTH - LEGEND + 46, y + 4, name, 'start'),
  ];
}

function gridLine(value: number, y: number): string {
  const line = `<line x1="${MARGIN}" x2="${WIDTH - LEGEND}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#ddd"/>`;
  return `${line}${text(MARGIN - 8, y + 4, String(value), 'end')}`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}
