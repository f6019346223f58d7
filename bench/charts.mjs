// Charts as SVG text, nothing but strings: line charts in panels, and bars of parts. Colours read on white and in print.

const font = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';
const ink = '#1f2933';
const faint = '#6b7785';
const grid = '#e4e8ec';
export const colours = ['#0b6e99', '#d1622b', '#3d8b57', '#7b5ea7', '#b5485d', '#a1802c', '#4a6fa5', '#2f7f79', '#8a5a44', '#5f6b7a', '#c2185b'];

const escape = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const at = (value) => Number(value.toFixed(1));

function text(x, y, content, { size = 12, fill = ink, anchor = 'start', weight = 400 } = {}) {
  return `<text x="${at(x)}" y="${at(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}" font-weight="${weight}">${escape(content)}</text>`;
}

function line(x1, y1, x2, y2, stroke, more = '') {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}" ${more}/>`;
}

function picture(width, height, title, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}" ${font}>
<rect width="${width}" height="${height}" rx="10" fill="#ffffff"/>
${text(24, 34, title, { size: 16, weight: 600 })}
${parts.join('\n')}
</svg>
`;
}

/** Round values that divide an axis from 0 to `most` into about four. */
function ticks(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((candidate) => candidate >= rough);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

function decades(least, most) {
  const from = Math.floor(Math.log10(least));
  return Array.from({ length: Math.ceil(Math.log10(most)) - from + 1 }, (_, i) => 10 ** (from + i));
}

/**
 * Line charts beside each other. panels: [{title, xLabels, xTitle, series: [{name, values, colour, dashed}], format, log, range: [least, most],
 * mark: {value, name}}]; a value of undefined leaves a gap. Names stand at the ends of their lines.
 */
export function lineCharts(title, panels, { panelWidth = 480, height = 380, labelWidth = 140 } = {}) {
  const parts = panels.flatMap((panel, index) => linePanel(panel, index * panelWidth, panelWidth, height, labelWidth));
  return picture(panelWidth * panels.length, height, title, parts);
}

function linePanel({ title, xLabels, xTitle, series, format = String, log = false, range, mark }, left, width, height, labelWidth) {
  const box = { left: left + 70, right: left + width - labelWidth, top: 84, bottom: height - 56 };
  const values = series.flatMap((s) => s.values).filter((value) => value !== undefined);
  const marks = range ? ticks(range[1] - range[0]).map((tick) => range[0] + tick) : log ? decades(Math.min(...values), Math.max(...values)) : ticks(Math.max(...values));
  const [least, most] = [marks[0], marks.at(-1)];
  const scale = log ? (value) => Math.log(value / least) / Math.log(most / least) : (value) => (value - least) / (most - least);
  const y = (value) => box.bottom - scale(value) * (box.bottom - box.top);
  const x = (i) => box.left + 14 + (i / Math.max(1, xLabels.length - 1)) * (box.right - box.left - 28);
  const parts = [text(left + 24, 62, title, { size: 13, fill: faint })];
  for (const value of marks) {
    parts.push(line(box.left, y(value), box.right, y(value), grid));
    parts.push(text(box.left - 8, y(value) + 4, format(value), { size: 11, fill: faint, anchor: 'end' }));
  }
  xLabels.forEach((label, i) => parts.push(text(x(i), box.bottom + 20, label, { size: 11, fill: faint, anchor: 'middle' })));
  parts.push(text((box.left + box.right) / 2, box.bottom + 40, xTitle, { size: 11, fill: faint, anchor: 'middle' }));
  if (mark) {
    parts.push(line(box.left, y(mark.value), box.right, y(mark.value), '#b5485d', 'stroke-dasharray="2 3"'));
    parts.push(text(box.left + 6, y(mark.value) - 6, mark.name, { size: 11, fill: '#b5485d' }));
  }
  const ends = series.map(({ values: own }, i) => ({ i, y: y(own.findLast((value) => value !== undefined)) })).sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i += 1) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 15);  // labels must not meet
  const over = Math.max(0, ends.at(-1).y - box.bottom - 24);
  const labelY = new Map(ends.map((end) => [end.i, end.y - over]));
  series.forEach(({ name, values: own, colour, dashed }, i) => {
    const points = own.map((value, at) => [x(at), value]).filter(([, value]) => value !== undefined).map(([px, value]) => [px, y(value)]);
    parts.push(`<polyline fill="none" stroke="${colour}" stroke-width="2.2" ${dashed ? 'stroke-dasharray="6 4" ' : ''}points="${points.map(([px, py]) => `${at(px)},${at(py)}`).join(' ')}"/>`);
    for (const [px, py] of points) parts.push(`<circle cx="${at(px)}" cy="${at(py)}" r="3.4" fill="${colour}"/>`);
    parts.push(text(box.right + 8, labelY.get(i) + 4, name, { size: 12, fill: colour }));
  });
  return parts;
}

/** Bars whose parts make up a whole: rows [{name, total: text, parts: [share, …]}]; legend: [{name, colour}] of the parts. */
export function partBars(title, legend, rows, { width = 920 } = {}) {
  const box = { left: 230, right: width - 130, top: 84 };
  const step = 38;
  const parts = [];
  let legendX = 24;
  for (const { name, colour } of legend) {
    parts.push(`<rect x="${legendX}" y="52" width="12" height="12" rx="2" fill="${colour}"/>`, text(legendX + 18, 62, name, { size: 12, fill: faint }));
    legendX += 40 + name.length * 6.6;
  }
  rows.forEach((row, i) => {
    const y = box.top + i * step;
    let from = box.left;
    parts.push(text(box.left - 12, y + 17, row.name, { anchor: 'end' }));
    row.parts.forEach((share, part) => {
      const length = Math.max(0, share) * (box.right - box.left);
      parts.push(`<rect x="${at(from)}" y="${y}" width="${at(length)}" height="24" fill="${legend[part].colour}"/>`);
      if (share >= 0.06) parts.push(text(from + length / 2, y + 17, `${Math.round(share * 100)} %`, { size: 11, fill: '#ffffff', anchor: 'middle' }));
      from += length;
    });
    parts.push(text(box.right + 12, y + 17, row.total, { fill: faint }));
  });
  return picture(width, box.top + rows.length * step + 16, title, parts);
}
