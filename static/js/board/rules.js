// What is wrong with a running order, and how cards that overlap stand side by side. Pure: rows in, answers out.
// Times are whole minutes; intervals are half-open, so that sets that touch do not overlap.

export const isPlaced = (row) => row.venue !== null && row.start !== null;

export const takesPlace = (row) => row.kind !== "placeholder" && row.status === "scheduled" && row.start !== null;

export const byTime = (one, other) => one.start - other.start || one.id - other.id;

function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const value = key(row);
    if (value === null) continue;
    if (!groups.has(value)) groups.set(value, []);
    groups.get(value).push(row);
  }
  return groups;
}

/** When a set ends: if that is open, when the next one of the room starts, at most after the default length. */
export function assumedEnd(row, rowsOfRoom, defaultMinutes) {
  if (row.end !== null) return row.end;
  const later = rowsOfRoom.filter((other) => takesPlace(other) && other.start > row.start).map((other) => other.start);
  return Math.min(row.start + defaultMinutes, ...later);
}

function withEnds(rows, defaultMinutes) {
  const rooms = groupBy(rows, (row) => row.venue);
  return rows.map((row) => ({
    ...row,
    isOpen: row.end === null,
    end: row.venue === null ? (row.end ?? row.start + defaultMinutes) : assumedEnd(row, rooms.get(row.venue), defaultMinutes),
  }));
}

function pairsThatOverlap(slots) {
  const pairs = [];
  let running = [];
  for (const slot of slots) {
    running = running.filter((other) => other.end > slot.start);
    for (const other of running) pairs.push([other, slot]);
    running.push(slot);
  }
  return pairs;
}

function overlaps(slots) {
  return pairsThatOverlap(slots).flatMap(([one, other]) => {
    const minutes = Math.min(one.end, other.end) - Math.max(one.start, other.start);
    return [
      { kind: "overlap", id: one.id, other: other.title, otherId: other.id, minutes },
      { kind: "overlap", id: other.id, other: one.title, otherId: one.id, minutes },
    ];
  });
}

/** A gap after a set whose end is open is not known, so nothing is said about it. */
function shortChangeovers(slots, needed) {
  const found = [];
  let before = null;
  for (const slot of slots) {
    const gap = before === null ? null : slot.start - before.end;
    if (gap !== null && gap >= 0 && gap < needed && !before.isOpen) {
      found.push({ kind: "changeover", id: slot.id, otherId: before.id, minutes: gap, needed });
    }
    if (before === null || slot.end >= before.end) before = slot;
  }
  return found;
}

function outOfHours(slots, { opens, curfew }) {
  return slots.flatMap((slot) => [
    ...(opens !== null && slot.start < opens ? [{ kind: "doors", id: slot.id, at: opens }] : []),
    ...(curfew !== null && slot.end > curfew ? [{ kind: "curfew", id: slot.id, at: curfew }] : []),
  ]);
}

function bandsTwice(slots) {
  return [...groupBy(slots, (slot) => slot.band).values()]
    .flatMap(pairsThatOverlap)
    .filter(([one, other]) => one.venue === null || one.venue !== other.venue)
    .flatMap(([one, other]) => [
      { kind: "twice", id: one.id, title: one.title, otherId: other.id },
      { kind: "twice", id: other.id, title: other.title, otherId: one.id },
    ]);
}

/** All that is wrong, each with the number of the set that it is said on. Other events' sets have ids below nought. */
export function findWarnings({ rows, foreign, venues, defaultMinutes }) {
  const others = foreign.map((row, index) => ({ ...row, id: -1 - index, kind: "set", status: "scheduled" }));
  const slots = withEnds([...rows, ...others].filter(takesPlace), defaultMinutes).sort(byTime);
  const rooms = groupBy(slots, (slot) => slot.venue);
  const found = venues.flatMap((venue) => {
    const inRoom = rooms.get(venue.id) ?? [];
    return [...overlaps(inRoom), ...shortChangeovers(inRoom, venue.changeover), ...outOfHours(inRoom, venue)];
  });
  return [...found, ...bandsTwice(slots)].filter((warning) => warning.id > 0);
}

/** For each of the items {id, start, end} of a column its lane and how many lanes there are around it. */
export function lanesOf(items) {
  const places = new Map();
  let cluster = [];
  let ends = [];
  const close = () => {
    for (const id of cluster) places.get(id).lanes = ends.length;
    cluster = [];
    ends = [];
  };
  for (const item of [...items].sort(byTime)) {
    if (ends.every((end) => end <= item.start)) close();
    const free = ends.findIndex((end) => end <= item.start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = item.end;
    cluster.push(item.id);
    places.set(item.id, { lane, lanes: 1 });
  }
  close();
  return places;
}
