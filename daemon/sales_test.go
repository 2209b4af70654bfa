package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

const salesPath = "/caldav/sam/sales-days/"

// sessionsIn are the events of the Sales days collection, by title and start.
func (c *davClient) sessionsIn() map[string]string {
	c.w.t.Helper()
	_, body := c.do("REPORT", salesPath, `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>`, "Depth", "1")
	out := map[string]string{}
	for _, m := range responseRE.FindAllStringSubmatch(body, -1) {
		title, _, _ := strings.Cut(m[2][strings.Index(m[2], "SUMMARY:")+8:], "&#xD;")
		start, _, _ := strings.Cut(m[2][strings.Index(m[2], "DTSTART:")+8:], "&#xD;")
		out[title+" "+start] = m[1]
	}
	return out
}

// TestSalesDay: four sessions with lists of their own, made the evening before, moved and taken off like any other event; in the morning
// mail of the day, answerable, and counted in the next one.
func TestSalesDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "12:30")
	w.writeTo(jane)
	w.writeTo("Tom Reed <tom@globex.example>")
	w.writeTo("Uma Fox <uma@initech.example>")
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("uma@initech.example dm")
	w.log("li@post.example candidate")
	w.log("li@post.example spoke")
	w.log("tom@globex.example client")
	w.pass()
	w.pass()
	c := w.calendarOf()
	all := c.sessionsIn()
	for _, want := range []string{
		"Sales day 1: overdue calls 20260310T090000Z", "Sales day 2: red targets 20260310T110000Z", "Sales day 3: open orders 20260310T133000Z",
		"Sales day 4: candidates to market 20260310T153000Z", "Monthly review 20260401T080000Z", "Sales day 1: overdue calls 20260414T080000Z",
	} {
		if all[want] == "" {
			t.Errorf("no %q in %v", want, all)
		}
	}
	if _, body := c.do("GET", all["Sales day 4: candidates to market 20260310T153000Z"], ""); !strings.Contains(body, "The list of calls comes the evening before.") {
		t.Errorf("%s", body)
	}
	c.change(all["Sales day 2: red targets 20260310T110000Z"], moveTo("20260310T123000Z"))
	if res, _ := c.do("DELETE", all["Sales day 3: open orders 20260310T133000Z"], ""); res.StatusCode != 204 {
		t.Fatal(res.Status)
	}
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	all = c.sessionsIn()
	if all["Sales day 2: red targets 20260310T123000Z"] == "" || strings.Contains(fmt.Sprint(all), "Sales day 3: open orders 20260310") {
		t.Errorf("moved and deleted: %v", all)
	}
	w.at("2026-03-09", "17:59")
	w.log("uma@initech.example call 6 april") // she is agreed for later: red, and not overdue
	w.pass()
	listed := func() string {
		_, body := c.do("GET", c.sessionsIn()["Sales day 4: candidates to market 20260310T153000Z"], "")
		return strings.ReplaceAll(body, "\r\n ", "")
	}
	if strings.Contains(listed(), "Li Sato") {
		t.Error("listed too early")
	}
	w.at("2026-03-09", "18:00")
	w.pass()
	if !strings.Contains(listed(), "1. Li Sato") {
		t.Errorf("the evening before:\n%s", listed())
	}
	w.at("2026-03-10", "07:30")
	w.pass()
	mail := w.morningMail()
	body := strings.Join(strings.Fields(text(mail)), " ")
	for _, want := range []string{"09:00 SALES DAY 1: OVERDUE CALLS", "12:30 SALES DAY 2: RED TARGETS", "Li Sato"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in\n%s", want, text(mail))
		}
	}
	n := w.number(mail, "Li Sato")
	w.at("2026-03-10", "09:20")
	w.answer(mail, "Sent", n+" spoke, keen on Leeds")
	w.pass()
	w.log("uma@initech.example na")
	if w.outcomes("li@post.example", "spoke") != 2 {
		t.Errorf("a line of a list can be answered:\n%s", w.lastText())
	}
	w.at("2026-03-11", "07:30")
	w.pass()
	body = strings.Join(strings.Fields(text(w.morningMail())), " ")
	for _, want := range []string{"Tue 10 Mar, 09:00 Sales day 1: overdue calls: 1 conversation, 1 try", "10 before 10: 1 conversation before ten o'clock, not made"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in\n%s", want, body)
		}
	}
	w.at("2026-03-31", "18:05")
	w.pass()
	_, review := c.do("GET", c.sessionsIn()["Monthly review 20260401T080000Z"], "")
	if review = strings.ReplaceAll(review, "\r\n ", ""); !strings.Contains(review, "1. Jane Miller") || !strings.Contains(review, "2. Uma Fox") {
		t.Errorf("%s", review)
	}
}

// TestLights: red at the month's start, amber once a touch went out, green by a conversation; a word keeps its reason and parks.
func TestLights(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "12:30")
	light := func(want string) {
		t.Helper()
		if got := w.contact("jane@acme.example").Light; got != want {
			t.Errorf("%s: %s, want %s", w.now.Format(time.DateTime), got, want)
		}
	}
	w.writeTo(jane)
	light("grey") // no target yet
	w.log("jane@acme.example dm")
	light("amber")
	w.log("jane@acme.example spoke")
	light("green")
	w.at("2026-04-01", "09:00")
	light("red")
	w.log("jane@acme.example na")
	light("amber")
	w.log("jane@acme.example red budget frozen till 1 june")
	light("grey")
	w.at("2026-06-01", "09:00")
	light("red")
}

// TestMonthlyReview: on a month's first working day the calls to those not spoken to for 90 days are spread over the month, evenly, within
// capacity, the same way each time; agreed ones and those in the month already stay.
func TestMonthlyReview(t *testing.T) {
	t.Parallel()
	days := func() map[string]string {
		w := newWorld(t)
		w.restart("2026-03-02", "09:00")
		w.pass()
		w.pass()
		for i := range 30 {
			who := fmt.Sprintf("p%02d@acme%d.example", i, i)
			w.log(who + " dm")
			w.log(who + " na") // the first of a row: soon
		}
		w.log("p29@acme29.example call 15 september")
		if err := w.r.Update(t.Context(), func(tx *store.Tx, env desk.Env) error { // as if the days before had been too full
			cbs, err := tx.Callbacks()
			for i := range cbs {
				if cbs[i].Rule != desk.RuleAgreed {
					cbs[i].Start = cbs[i].Start.AddDate(0, 3, 0)
					if err := tx.PutCallback(&cbs[i]); err != nil {
						return err
					}
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.at("2026-05-01", "07:30") // a Friday
		w.pass()
		out := map[string]string{}
		for _, cb := range w.callbackViews() {
			out[cb.Contact] = cb.Start
		}
		if body := strings.Join(strings.Fields(text(w.morningMail())), " "); !strings.Contains(body, "Monthly review: 29 calls") {
			t.Errorf("%s", body)
		}
		return out
	}
	first := days()
	load := map[string]int{}
	for who, start := range first {
		if who == "p29@acme29.example" {
			if !strings.HasPrefix(start, "2026-09-15") {
				t.Errorf("agreed, and moved to %s", start)
			}
			continue
		}
		if !strings.HasPrefix(start, "2026-05-") {
			t.Errorf("%s on %s", who, start)
		}
		load[start[:10]]++
	}
	for day, n := range load {
		if n > 2 {
			t.Errorf("%d on %s: not even", n, day)
		}
	}
	if second := days(); fmt.Sprint(second) != fmt.Sprint(first) {
		t.Errorf("another time other days:\n%v\n%v", first, second)
	}
}
