package daemon

import (
	"context"
	"strings"
	"testing"

	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
)

// TestColleagueSpoke: before the second call one is told that a colleague spoke to the person, and not what was said.
func TestColleagueSpoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00", func(c *config.Config) {
		second := c.Desks[0]
		second.Name, second.Email = "kim", "kim@firm.example"
		second.IMAP.Username = "kim@firm.example"
		c.Desks = append(c.Desks[:1:1], second)
	})
	kim := w.Daemon.desks[1]
	w.log("jane@acme.example dm")
	w.log("jane@acme.example call tomorrow 10am")
	if _, err := command.LogText(context.Background(), kim, "jane@acme.example spoke, SECRET terms", w.now); err != nil {
		t.Fatal(err)
	}
	w.at("2026-03-03", "07:30")
	v, err := morning.Today(w.r, w.now)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(v.Text, "your colleague kim spoke to them on Mon 2 Mar") || strings.Contains(v.Text, "SECRET") {
		t.Errorf("%s", v.Text)
	}
	w.log("jane@acme.example call 30 march 10am")
	w.at("2026-03-30", "07:30")
	if v, err = morning.Today(w.r, w.now); err != nil || strings.Contains(v.Text, "your colleague") {
		t.Errorf("%v %s", err, v.Text)
	}
}

// TestBackDoor: a submitted candidate who turns up at the client by name raises the alarm once, within a year; the evidence lists what shows the introduction.
func TestBackDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("jane@acme.example job: Welder")
	w.put("Sent", w.mail("Sam <sam@firm.example>", jane, "Li Sato for the welder's job", "CV attached"))
	w.pass()
	w.log("li@post.example submitted to JO1")
	w.log("JO1 closed")
	w.at("2026-07-01", "10:00")
	for range 2 {
		w.put("INBOX", w.mail("Li Sato <li.sato@acme.example>", "sam@firm.example", "Hello from my new desk", "Hi"))
		w.pass()
	}
	n := 0
	for _, s := range w.news() {
		if strings.Contains(s, "Back door? Li Sato, whom you submitted to JO1 Welder") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d alarms: %v", n, w.news())
	}
	ev, err := view.Evidence(w.r, "JO1")
	if err != nil || len(ev) < 3 || ev[0].What != "submitted to JO1" || ev[1].What != "agreed to be submitted to JO1" || ev[2].Subject != "Li Sato for the welder's job" || ev[2].MessageID == "" {
		t.Errorf("%+v %v", ev, err)
	}
}

// TestHandOver: an order goes to a colleague's desk with its client and history, once; she gets a mail and a call, he keeps what he has.
func TestHandOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00", func(c *config.Config) {
		second := c.Desks[0]
		second.Name, second.Email = "kim", "kim@firm.example"
		c.Desks = append(c.Desks[:1:1], second)
	})
	kim := w.Daemon.desks[1]
	w.log("jane@acme.example dm")
	w.log("jane@acme.example spoke, wants two welders")
	w.log("jane@acme.example job: Welder, fee 22%")
	if _, err := command.LogText(context.Background(), w.r, "JO1 hand over to tim", w.now); err == nil || !strings.Contains(err.Error(), "The other desks are kim") {
		t.Errorf("%v", err)
	}
	w.log("JO1 hand over to kim")
	for range 2 {
		if err := agency.DeliverHandOvers(context.Background(), w.r, w.now); err != nil {
			t.Fatal(err)
		}
	}
	mine, err := view.Order(w.r, "JO1")
	if err != nil || mine.Status != "closed" || mine.Reason != "handed over to kim" {
		t.Errorf("%+v %v", mine, err)
	}
	hers, err := view.Order(kim, "JO1")
	if err != nil || hers.Status != "open" || hers.Contact != "jane@acme.example" || hers.Desk != "kim" {
		t.Errorf("%+v %v", hers, err)
	}
	ts, err := view.Touches(kim, "jane@acme.example", view.Part{})
	if err != nil || len(ts) != 1 || !strings.Contains(ts[0].Note, "wants two welders") {
		t.Errorf("%+v %v", ts, err)
	}
	cbs, err := view.Callbacks(kim, false, view.Part{})
	if err != nil || len(cbs) == 0 || !strings.HasPrefix(cbs[0].Start, "2026-03-02") || !strings.Contains(cbs[0].Reason, "handed over by sam") {
		t.Errorf("%+v %v", cbs, err)
	}
	mails := 0
	err = kim.State.View(func(tx *store.Tx) error {
		all, err := tx.Outgoing()
		for _, o := range all {
			if strings.HasPrefix(o.Subject, "sam hands over JO1 Welder") {
				mails++
			}
		}
		return err
	})
	if err != nil || mails != 1 {
		t.Errorf("%d mails, %v", mails, err)
	}
	if n := len(w.touchesOf("jane@acme.example")); n != 1 {
		t.Errorf("he keeps the history: %d", n)
	}
	w.log("jane@acme.example job: Fitter @ Acme")
	w.log("li@post.example submitted to JO2")
	if _, err := command.LogText(context.Background(), kim, "bo@acme.example job: Fitter @ Acme", w.now); err != nil {
		t.Fatal(err)
	}
	l, err := command.LogText(context.Background(), kim, "li@post.example submitted to JO3", w.now)
	if err != nil || !strings.Contains(l[0].Said, "mind: your colleague sam submitted them to JO2 Fitter @ Acme") {
		t.Errorf("%+v %v", l, err)
	}
}
