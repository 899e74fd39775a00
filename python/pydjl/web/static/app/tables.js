import { exact, parseNumber } from "./numbers.js";

/**
 * Read a table as people copy it: JSON, or rows of numbers between tabs, commas, semicolons or
 * blanks. Several channels stand below one another with an empty line between them.
 *
 * @param {string} text
 * @param {{side: number, channels: number[]}} room the largest side, and how many channels may be
 * @returns {number[][][]} channels of rows
 * @throws {Error} with a sentence for the reader
 */
export function parseTable(text, room) {
  const trimmed = text.trim();
  if (trimmed === "") throw new Error("There is nothing to read: paste rows of numbers.");
  const channels = trimmed.startsWith("[") ? fromJson(trimmed) : fromRows(trimmed);
  const [rows, columns] = [channels[0].length, channels[0][0].length];
  for (const channel of channels) {
    if (channel.length !== rows || channel.some((row) => row.length !== columns)) {
      throw new Error(
        "The rows have several lengths: every row needs as many numbers as the first one.",
      );
    }
  }
  if (Math.max(rows, columns) > room.side) {
    throw new Error(
      `The table has ${rows} × ${columns} numbers, but at most ${room.side} × ${room.side} have room.`,
    );
  }
  if (!room.channels.includes(channels.length)) {
    throw new Error(
      `The table has ${channels.length} channels, but only ${room.channels.join(" or ")} can be here.`,
    );
  }
  return channels;
}

/** The text of a table that a spreadsheet takes: tabs between numbers, an empty line between channels. */
export function formatTable(channels) {
  return channels
    .map((rows) => rows.map((row) => row.map(exact).join("\t")).join("\n"))
    .join("\n\n");
}

function fromRows(text) {
  return text.split(/\r?\n[ \t]*\r?\n/).map((block) =>
    block
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "")
      .map(numbersOf),
  );
}

function numbersOf(line) {
  const separator = ["\t", ";", ","].find((character) => line.includes(character)) ?? /\s+/;
  return line
    .trim()
    .split(separator)
    .map((word) => {
      const value = parseNumber(word);
      if (value === null) throw new Error(`“${word.trim()}” is not a number.`);
      return value;
    });
}

function fromJson(text) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error("This begins like JSON, but cannot be read as JSON.");
  }
  const channels = depth(data) === 1 ? [[data]] : depth(data) === 2 ? [data] : data;
  if (depth(channels) !== 3 || !channels.flat(3).every((value) => Number.isFinite(value))) {
    throw new Error("JSON has to be rows of numbers, or channels of rows of numbers.");
  }
  return channels;
}

function depth(data) {
  return Array.isArray(data) && data.length > 0 ? 1 + depth(data[0]) : 0;
}
