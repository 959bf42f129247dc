// Reads calendar files with ical.js, an outside parser, and prints what a client would see: of the
// first event beside the calendar's own words, and of all events as a list.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const described = (component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    sequence: event.sequence,
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    utc: event.startDate.zone === ICAL.Timezone.utcTimezone,
    stamp: component.getFirstPropertyValue("dtstamp").toJSDate().toISOString(),
    status: component.getFirstPropertyValue("status"),
    summary: event.summary,
    location: event.location,
    description: event.description,
    organizer: event.organizer,
    attendees: event.attendees.map((attendee) => ({
      address: attendee.getFirstValue(),
      rsvp: attendee.getFirstParameter("rsvp") ?? null,
      partstat: attendee.getFirstParameter("partstat"),
      role: attendee.getFirstParameter("role"),
      cutype: attendee.getFirstParameter("cutype"),
    })),
    alarms: component.getAllSubcomponents("valarm").length,
  };
};

const read = (path) => {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
  const events = calendar.getAllSubcomponents("vevent").map(described);
  return {
    method: calendar.getFirstPropertyValue("method"),
    version: calendar.getFirstPropertyValue("version"),
    name: calendar.getFirstPropertyValue("name"),
    refresh: calendar.getFirstPropertyValue("refresh-interval")?.toString() ?? null,
    components: calendar.getAllSubcomponents().length,
    ...events[0],
    events,
  };
};

console.log(JSON.stringify(process.argv.slice(2).map(read)));
