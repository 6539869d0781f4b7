// Where the tiles go. People share the area as large as it gets; a shared screen takes most of it, and
// the people then have a strip beside or below.

export interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Puts an element there; its parent is the area. */
export function place(element: HTMLElement, { left, top, width, height }: Rect) {
  Object.assign(element.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
}

/** A camera's own shape, and how far tiles may leave it to fill a tall or a square area. */
const WIDEST = 16 / 9;
const NARROWEST_IN_LANDSCAPE = 4 / 3;
const NARROWEST_IN_PORTRAIT = 3 / 4;
/** A screen is never cut, so a tile of another shape would only add black bars. */
const NARROWEST_SCREEN = 16 / 10;
/** Shares of the area that the people have at least beside a screen. */
const STRIP_IN_LANDSCAPE = 0.22;
const STRIP_IN_PORTRAIT = 0.34;

/** One rectangle per tile, in order; `screens` says which tiles are shared screens. */
export function layOut(screens: boolean[], width: number, height: number, gap: number): Rect[] {
  const shown = screens.filter((screen) => screen).length;
  const people = screens.length - shown;
  const all = { left: 0, top: 0, width, height };
  if (shown === 0) return fill(people, all, gap);
  if (people === 0) return fill(shown, all, gap, NARROWEST_SCREEN);

  const landscape = width > height;
  const strip = Math.round(landscape ? width * STRIP_IN_LANDSCAPE : height * STRIP_IN_PORTRAIT);
  const stage = landscape
    ? { ...all, width: width - strip - gap }
    : { ...all, height: Math.min(height - strip - gap, Math.round(shown * (width / NARROWEST_SCREEN))) };
  const side = landscape
    ? { ...all, left: stage.width + gap, width: strip }
    : { ...all, top: stage.height + gap, height: height - stage.height - gap };
  const onStage = fill(shown, stage, gap, NARROWEST_SCREEN);
  const atSide = fill(people, side, gap);
  return screens.map((screen) => (screen ? onStage.shift()! : atSide.shift()!));
}

/** The number of columns that gives the largest tiles; rows are centred. */
function fill(count: number, area: Rect, gap: number, narrowest = narrowestIn(area)): Rect[] {
  let columns = 1;
  let best = { width: 0, height: 0 };
  for (let tried = 1; tried <= count; tried++) {
    const rows = Math.ceil(count / tried);
    const size = clamp(
      (area.width - gap * (tried - 1)) / tried,
      (area.height - gap * (rows - 1)) / rows,
      narrowest,
    );
    if (size.width * size.height > best.width * best.height) {
      columns = tried;
      best = size;
    }
  }

  const rows = Math.ceil(count / columns);
  const { width, height } = best;
  const top = area.top + (area.height - rows * height - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = area.left + (area.width - inRow * width - (inRow - 1) * gap) / 2;
    return {
      left: Math.round(left + (index % columns) * (width + gap)),
      top: Math.round(top + row * (height + gap)),
      width,
      height,
    };
  });
}

function narrowestIn(area: Rect): number {
  return area.width > area.height ? NARROWEST_IN_LANDSCAPE : NARROWEST_IN_PORTRAIT;
}

/** The largest size of an allowed shape in a cell. */
function clamp(width: number, height: number, narrowest: number): { width: number; height: number } {
  const w = Math.max(0, Math.min(width, height * WIDEST));
  return { width: Math.floor(w), height: Math.floor(Math.max(0, Math.min(height, w / narrowest))) };
}
