// Runs inside Thunderbird, over Marionette; `arguments` are a verb, what it needs, and who to tell.
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const NAME = "Judge";

function calendar() {
  let found = cal.manager.getCalendars().find(one => one.name == NAME);
  if (!found) {
    found = cal.manager.createCalendar("storage", Services.io.newURI("moz-storage-calendar://"));
    found.name = NAME;
    cal.manager.registerCalendar(found);
    found.setProperty("imip.identity.key", "id1");
  }
  return found;
}

async function items() {
  const every = await calendar().getItemsAsArray(Ci.calICalendar.ITEM_FILTER_ALL_ITEMS, 0, null, null);
  return every.map(one => ({
    uid: one.id,
    start: one.startDate.getInTimezone(cal.dtz.UTC).icalString,
    end: one.endDate.getInTimezone(cal.dtz.UTC).icalString,
    sequence: Number(one.getProperty("SEQUENCE")),
    status: one.status,
    location: one.getProperty("LOCATION"),
    answers: one.getAttendees().map(each => [each.id, each.participationStatus]),
  }));
}

// Offers a message's calendar part to Thunderbird; `answer` is what its person clicks, if anything.
function receive({ object, method, sender, recipient, answer }) {
  const item = Cc["@mozilla.org/calendar/itip-item;1"].createInstance(Ci.calIItipItem);
  item.init(object);
  item.sender = sender;
  item.identity = recipient;
  item.isSend = false;
  item.autoResponse = Ci.calIItipItem.USER;
  item.receivedMethod = method;
  item.targetCalendar = calendar();
  return new Promise((resolve, reject) => {
    let asked = false;
    cal.itip.processItipItem(item, (_item, result, action) => {
      if (asked) {
        return;
      }
      asked = true;
      if (!Components.isSuccessCode(result)) {
        reject(new Error(`processItipItem: ${result}`));
      } else if (!action) {
        resolve("nothing to do");
      } else {
        const heard = {
          QueryInterface: ChromeUtils.generateQI(["calIOperationListener"]),
          onGetResult() {},
          onOperationComplete(_calendar, status) {
            if (Components.isSuccessCode(status)) {
              resolve(action.method);
            } else {
              reject(new Error(`the calendar refused: ${status}`));
            }
          },
        };
        const mode = answer ? Ci.calIItipItem.AUTO : Ci.calIItipItem.NONE;
        action(heard, answer, { responseMode: mode });
      }
    });
  });
}

const [verb, given, done] = arguments;
const verbs = { items, receive };
Promise.resolve()
  .then(() => verbs[verb](given))
  .then(told => done({ told }), error => done({ error: String(error) }));
