package daemon

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/door/view"
)

// device is a calendar program with a cache of its own, which it brings up to date by sync tokens.
type device struct {
	c     *davClient
	token string
	etags map[string]string // by address
	data  map[string]string
}

func (d *device) sync() {
	next, changed, gone := d.c.sync(d.token)
	d.token = next
	for _, at := range gone {
		delete(d.etags, at)
		delete(d.data, at)
	}
	for _, at := range changed {
		res, body := d.c.do("GET", at, "")
		if res.StatusCode != http.StatusOK {
			d.c.w.t.Fatalf("GET %s: %s", at, res.Status)
		}
		d.etags[at], d.data[at] = res.Header.Get("ETag"), body
	}
}

// put stores an event on a condition; a device that is told of a conflict looks anew and gives up its change, as programs do.
func (d *device) put(at, body string, header ...string) bool {
	res, text := d.c.do("PUT", at, body, append(header, "Content-Type", "text/calendar")...)
	switch {
	case res.StatusCode == http.StatusPreconditionFailed:
		d.sync()
		return false
	case res.StatusCode/100 != 2:
		d.c.w.t.Fatalf("PUT %s: %s %s", at, res.Status, text)
	}
	if tag := res.Header.Get("ETag"); tag != "" { // what is stored are these bytes
		d.etags[at], d.data[at] = tag, body
		return true
	}
	delete(d.etags, at) // it may have been changed: it comes with the next sync
	delete(d.data, at)
	return true
}

// TestTwoDevices: two programs at once and the recruiter, 200 random operations, against a model. Nothing is lost, nothing doubled,
// and both end equal.
func TestTwoDevices(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t)
	w.restart("2026-03-02", "12:30")
	c := w.calendarOf()
	devices := []*device{{c: c, etags: map[string]string{}, data: map[string]string{}}, {c: c, etags: map[string]string{}, data: map[string]string{}}}
	model := map[string]time.Time{} // who is called when
	slot := 0
	nextSlot := func() time.Time { // each another, so that no call has to give way
		slot++
		return time.Date(2026, 3, 3+slot/30, 8, 15*(slot%30), 0, 0, time.UTC)
	}
	stamp := func(at time.Time) string { return at.Format("20060102T150405Z") }
	whose := func(data string) string {
		for who := range model {
			if strings.Contains(strings.ReplaceAll(data, "\r\n ", ""), who) {
				return who
			}
		}
		return ""
	}
	pick := func(d *device) (at, who string) {
		all := make([]string, 0, len(d.etags))
		for at := range d.etags {
			all = append(all, at)
		}
		slices.Sort(all)
		if len(all) == 0 {
			return "", ""
		}
		at = all[rng.IntN(len(all))]
		return at, whose(d.data[at])
	}
	did := map[string]int{}
	history := map[string][]string{}
	note := func(who, what string) {
		did[what]++
		history[who] = append(history[who], what)
	}
	for i := range 200 {
		d := devices[rng.IntN(2)]
		w.now = w.now.Add(time.Minute)
		switch op := rng.IntN(10); {
		case op < 3: // a new event
			who, at := fmt.Sprintf("p%d@new.example", i), nextSlot()
			if d.put(fmt.Sprintf("%snew-%d.ics", callbacksPath, i), newEvent(fmt.Sprint("uid-", i), ":"+stamp(at), "Call "+who, ""), "If-None-Match", "*") {
				model[who] = at
				note(who, "new")
			}
		case op < 6: // dragged, from what this device knows
			at, who := pick(d)
			if who == "" {
				continue
			}
			to := nextSlot()
			if d.put(at, moveTo(stamp(to))(d.data[at]), "If-Match", d.etags[at]) {
				model[who] = to
				note(who, "moved")
			} else {
				note(who, "conflict")
			}
		case op < 7: // deleted
			at, who := pick(d)
			if who == "" {
				continue
			}
			res, _ := d.c.do("DELETE", at, "", "If-Match", d.etags[at])
			switch res.StatusCode {
			case http.StatusNoContent:
				delete(model, who)
				delete(d.etags, at)
				delete(d.data, at)
				note(who, "deleted")
			case http.StatusPreconditionFailed, http.StatusNotFound:
				d.sync()
				note(who, "conflict")
			default:
				t.Fatal(res.Status)
			}
			w.now = w.now.Add(61 * time.Second)
			if err := collection.SettleDeletions(context.Background(), w.r, w.now); err != nil {
				t.Fatal(err)
			}
		case op < 8: // the recruiter says something by mail or shell
			for who := range model {
				to := nextSlot()
				w.log(fmt.Sprintf("%s call %s %s", who, strings.ToLower(to.Format("2 January")), to.Format("15:04")))
				model[who] = to
				note(who, "said")
				break
			}
		default:
			d.sync()
			note("", "synced")
		}
	}
	for _, d := range devices {
		d.sync()
	}
	t.Log(did)
	if len(devices[0].data) != len(model) || len(devices[1].data) != len(model) {
		t.Errorf("%d and %d events, %d in the model", len(devices[0].data), len(devices[1].data), len(model))
	}
	for at, data := range devices[0].data {
		if devices[1].data[at] != data || devices[1].etags[at] != devices[0].etags[at] {
			t.Errorf("%s differs:\n%s\n%s", at, data, devices[1].data[at])
		}
		if who := whose(data); who == "" || !strings.Contains(data, "DTSTART:"+stamp(model[who])) {
			t.Errorf("%s of %q should be at %s:\n%s", at, who, model[who], data)
		}
	}
	for who := range model {
		shown := false
		for _, data := range devices[0].data {
			shown = shown || whose(data) == who
		}
		if !shown {
			t.Errorf("%s is not shown: %v", who, history[who])
		}
	}
	cbs, err := view.Callbacks(w.r, false, view.Part{})
	if err != nil {
		t.Fatal(err)
	}
	if len(cbs) != len(model) {
		t.Errorf("%d calls are owed, %d in the model", len(cbs), len(model))
	}
	for _, cb := range cbs {
		if at := model[cb.Contact]; cb.Start != at.Format(time.RFC3339) {
			t.Errorf("%s is owed at %s, in the model %s", cb.Contact, cb.Start, at)
		}
	}
}
