// What can be done with sets, as pure functions: rows in, edits {id, venue, start, end} out.

const earliest = (rows) => Math.min(...rows.filter((row) => row.start !== null).map((row) => row.start));

export const shift = (rows, minutes) =>
  rows
    .filter((row) => row.start !== null)
    .map((row) => ({ id: row.id, start: row.start + minutes, end: row.end === null ? null : row.end + minutes }));

export const moveTo = (rows, venue) => rows.map((row) => ({ id: row.id, venue }));

export const toTray = (rows) => rows.map((row) => ({ id: row.id, venue: null, start: null, end: null }));

/** The first of the rows starts then, the others keep their distance; those without a time start then as well. */
export function startAt(rows, minute, defaultMinutes) {
  const untimed = rows.filter((row) => row.start === null);
  const begun = untimed.map((row) => ({ id: row.id, start: minute, end: minute + defaultMinutes }));
  return [...shift(rows, minute - earliest(rows)), ...begun];
}

export const setLength = (rows, minutes) =>
  rows.filter((row) => row.start !== null).map((row) => ({ id: row.id, end: row.start + minutes }));

/** Two sets exchange room and start; each keeps its length. */
export function swap([one, other]) {
  const inPlaceOf = (row, place) => ({
    id: row.id,
    venue: place.venue,
    start: place.start,
    end: row.end === null || place.start === null ? null : place.start + row.end - row.start,
  });
  return [inPlaceOf(one, other), inPlaceOf(other, one)];
}

/** A set put somewhere by hand: one that had no time yet gets the event's usual length. */
export function place(row, venue, start, defaultMinutes) {
  if (row.start === null) return { id: row.id, venue, start, end: start + defaultMinutes };
  return { id: row.id, venue, start, end: row.end === null ? null : start + row.end - row.start };
}

/** A set carried by hand takes the others of a selection along in time, and those of its room into the new room. */
export function carry(row, others, venue, start, defaultMinutes) {
  const minutes = row.start === null ? 0 : start - row.start;
  const along = others.map((other) => ({
    ...(shift([other], minutes)[0] ?? { id: other.id }),
    venue: other.venue === row.venue ? venue : other.venue,
  }));
  return [place(row, venue, start, defaultMinutes), ...along];
}
