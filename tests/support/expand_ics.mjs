// Expands each entry of a calendar file with ical.js, an outside engine, and prints its times.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const [path, from, to] = process.argv.slice(2);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(zone);
}

const times = (component) => {
  const event = new ICAL.Event(component);
  const iterator = event.iterator();
  const found = [];
  for (let next = iterator.next(); next; next = iterator.next()) {
    const { startDate, endDate } = event.getOccurrenceDetails(next);
    const [start, end] = [startDate.toJSDate(), endDate.toJSDate()];
    if (start >= new Date(to)) break;
    if (end > new Date(from)) found.push([start.toISOString(), end.toISOString()]);
  }
  return found;
};

const events = calendar.getAllSubcomponents("vevent");
console.log(
  JSON.stringify(
    Object.fromEntries(events.map((event) => [event.getFirstPropertyValue("uid"), times(event)])),
  ),
);
