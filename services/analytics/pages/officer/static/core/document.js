/**
 * Checks a document number before it is queued, so that a slip is found at the door and not an hour later.
 * @module
 */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = "10X98765432";

/** Spaces and the small x are how people write it, not what it is. */
export const tidy = (number) => number.replace(/[\s-]/g, "").toUpperCase();

/**
 * Whether a Chinese resident identity number is one: length, a date that exists, the check character (GB 11643).
 * @param {string} number tidied
 */
export function isResidentNumber(number) {
  if (!/^[1-9]\d{16}[\dX]$/.test(number)) return false;
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)];
  const born = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(born.getTime()) || born.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return false;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0);
  return CHECK[sum % 11] === number[17];
}

/** Whether a passport or another document has a number that could be one. */
export const couldBeNumber = (number) => /^[A-Z0-9]{5,24}$/.test(number);
