// Reads calendar files with ical.js, an outside parser, and prints what a client would see.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const read = (path) => {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
  const events = calendar.getAllSubcomponents("vevent");
  const event = new ICAL.Event(events[0]);
  const property = (name) => events[0].getFirstProperty(name);
  return {
    method: calendar.getFirstPropertyValue("method"),
    version: calendar.getFirstPropertyValue("version"),
    components: calendar.getAllSubcomponents().length,
    uid: event.uid,
    sequence: event.sequence,
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    utc: event.startDate.zone === ICAL.Timezone.utcTimezone,
    stamp: property("dtstamp").getFirstValue().toJSDate().toISOString(),
    status: events[0].getFirstPropertyValue("status"),
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
    alarms: events[0].getAllSubcomponents("valarm").length,
  };
};

console.log(JSON.stringify(process.argv.slice(2).map(read)));
