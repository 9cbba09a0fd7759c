import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/** At most `width` columns of a line without escape codes; ends in `…` where something had to go. */
export const cut = (line: string, width: number): string => {
  if (stringWidth(line) <= width) return line;
  let kept = '';
  let columns = 0;
  for (const { segment } of segmenter.segment(line)) {
    columns += stringWidth(segment);
    if (columns > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
};
