package daemon

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/reports"
)

// played is a desk that a generator plays through the real daemon, its clock set by the test.
type played struct {
	*world
	rng      *rand.Rand
	thorough bool
	clients  []string
	people   []string
	waiting  map[string]string // thread to be answered, and by whom it was written
	meetings map[string]time.Time
	placed   map[string]bool
	mails    int
}

// chance is a coin that falls on true so often.
func (y *played) chance(p float64) bool { return y.rng.Float64() < p }

// does is how often the recruiter does what she should.
func (y *played) does() bool {
	if y.thorough {
		return true
	}
	return y.chance(0.2)
}

func (y *played) say(text string) {
	y.t.Helper()
	if _, err := command.LogText(context.Background(), y.r, text, y.now); err != nil && !desk.IsUserError(err) {
		y.t.Fatalf("%s: %v", text, err)
	}
	y.now = y.now.Add(time.Second)
}

// play makes a desk with its people.
func play(t *testing.T, seed uint64, thorough bool, clients, people int) *played {
	w := newWorld(t)
	smtp := withSMTP(&w.srv)
	w.restart("2026-01-05", "12:30", smtp, func(c *config.Config) {
		c.Desks[0].Letters.Mode = "auto"
		c.Desks[0].Letters.PerDay, c.Desks[0].Letters.PerHour, c.Desks[0].Letters.Gap = 1000, 1000, config.Duration(0) // its clock stands still within a pass
		c.Desks[0].Hours.Regions = []string{"gb"}
	})
	y := &played{world: w, rng: rand.New(rand.NewPCG(seed, 7)), thorough: thorough, waiting: map[string]string{}, meetings: map[string]time.Time{}, placed: map[string]bool{}}
	w.pass()
	for i := range clients {
		who := fmt.Sprintf("dm%d@client%d.example", i, i)
		y.clients = append(y.clients, who)
		y.say(who + " dm")
	}
	for i := range people {
		who := fmt.Sprintf("cand%d@mail.example", i)
		y.people = append(y.people, who)
		y.say(who + " candidate")
	}
	return y
}

// day plays one day.
func (y *played) day(d time.Time) {
	date := d.Format(time.DateOnly)
	y.at(date, "07:30")
	y.pass()
	y.at(date, "09:05")
	y.write()
	if y.r.Env(y.now).Hours.Workday(desk.DateOf(d).UTC()) {
		y.at(date, "10:00")
		y.calls()
		y.at(date, "14:00")
		y.business()
		y.at(date, "16:00")
		y.answerAll()
	}
	y.at(date, "18:05")
	y.pass()
}

// calls works off the day's callbacks.
func (y *played) calls() {
	for _, cb := range y.callbackViews() {
		if !strings.HasPrefix(cb.Start, y.now.Format(time.DateOnly)) || !y.does() {
			continue
		}
		switch n := y.rng.IntN(20); {
		case cb.Rule == "prep":
			y.say(cb.Contact + " prepped")
		case strings.HasPrefix(cb.Rule, "debrief"):
			y.say(cb.Contact + " debriefed")
		case n < 9:
			y.say(cb.Contact + " spoke")
		case n < 14:
			y.say(cb.Contact + " na")
		case n < 17:
			y.say(cb.Contact + " vm")
		case n < 18:
			y.say(cb.Contact + " met")
		case n < 19:
			y.say(cb.Contact + " spoke, call 3w")
		default:
			y.say(cb.Contact + " not interested")
		}
	}
}

// write has people write in.
func (y *played) write() {
	for range y.rng.IntN(3) {
		who := y.people[y.rng.IntN(len(y.people))]
		y.mails++
		y.put("INBOX", y.mail(who, "sam@firm.example", fmt.Sprint("Question ", y.mails), "Is there news?"))
		y.waiting[fmt.Sprintf("m%d@test", y.n)] = who
	}
	y.pass()
}

// answerAll answers what waits, as far as the recruiter does such things.
func (y *played) answerAll() {
	for _, id := range desk.SortedKeys(y.waiting) {
		if y.does() {
			y.put("Sent", y.mail("Sam <sam@firm.example>", y.waiting[id], "Re: Question", "No news yet", "In-Reply-To: <"+id+">", "References: <"+id+">"))
		}
		delete(y.waiting, id)
	}
}

// business opens orders, submits, sends to interviews, and places.
func (y *played) business() {
	if y.chance(0.15) {
		y.say(y.clients[y.rng.IntN(len(y.clients))] + " job: Fitter, fee 22% terms signed, salary 40k, interviews next week")
	}
	orders, err := view.Orders(y.r, false)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, o := range orders {
		who := y.people[y.rng.IntN(len(y.people))]
		switch {
		case y.placed[who]:
		case len(o.Submittals) < 3 && y.does():
			y.say(who + " submitted to " + o.Number)
		case y.chance(0.2) && len(o.Submittals) > 0:
			who = o.Submittals[y.rng.IntN(len(o.Submittals))].Contact
			if _, busy := y.meetings[who]; busy || y.placed[who] {
				continue
			}
			at := y.r.Env(y.now).AddWorkdays(desk.DateOf(y.now), 3+y.rng.IntN(5)).At(9+y.rng.IntN(8), 0, y.r.Current().Zone)
			kind := []string{"phone +44 20 7946 0020", "in person at 5 King Street, London"}[y.rng.IntN(2)]
			y.say(fmt.Sprintf("%s interview %s %s with Dana Reed for %s", who, strings.ToLower(at.Format("2 January 15:04")), kind, o.Number))
			y.meetings[who] = at
		}
	}
	for _, who := range desk.SortedKeys(y.meetings) {
		if at := y.meetings[who]; y.now.Sub(at) > 24*time.Hour {
			delete(y.meetings, who)
			if y.chance(0.3) {
				start := y.now.AddDate(0, 0, 30)
				y.say(who + " placed, start " + strings.ToLower(start.Format("2 January")))
				y.placed[who] = true
			} else {
				y.say(who + " not taken")
			}
		}
	}
}

// check holds the desk's state against what must always hold.
func (y *played) check() {
	y.t.Helper()
	env := y.r.Env(y.now)
	load := map[string]int{}
	owed := map[string]int{}
	slots := map[string]bool{}
	for _, cb := range y.callbackViews() {
		if strings.HasPrefix(cb.EventUID, "callback-") {
			owed[cb.Contact]++
		}
		at, err := time.Parse(time.RFC3339, cb.Start)
		if err != nil {
			y.t.Fatal(err)
		}
		if cb.Rule != string(desk.RuleAgreed) && strings.HasPrefix(cb.EventUID, "callback-") && at.After(y.now) {
			load[at.Format(time.DateOnly)]++
			if slots[cb.Start] {
				y.t.Errorf("%s: two calls at %s", y.now, cb.Start)
			}
			slots[cb.Start] = true
			if !env.Hours.Workday(desk.DateOf(at.In(env.Zone)).UTC()) {
				y.t.Errorf("%s: %s is called on a free day, %s", y.now, cb.Contact, cb.Start)
			}
		}
	}
	for _, who := range y.clients {
		if owed[who] != 1 {
			y.t.Errorf("%s: %s is owed %d calls", y.now.Format(time.DateOnly), who, owed[who])
		}
	}
	for day, n := range load {
		if n > env.Settings.CallbacksPerDay {
			y.t.Errorf("%s: %d calls on %s", y.now.Format(time.DateOnly), n, day)
		}
	}
	y.due(env)
	y.counted(env)
	y.prepared(env)
	y.cared(env)
}

// due holds each decision maker's call against the cycle: by day 90 after the last conversation, unless agreed or spread.
func (y *played) due(env desk.Env) {
	err := y.r.State.View(func(tx *store.Tx) error {
		cbs, err := tx.Callbacks()
		for _, cb := range cbs {
			c, err := tx.Contact(cb.Contact)
			if err != nil {
				return err
			}
			ts, err := tx.Touches(c)
			if err != nil {
				return err
			}
			spoke := desk.LastConversation(ts)
			if !cb.Open() || spoke.IsZero() || !c.Has(desk.RoleDecisionMaker) || cb.Rule == desk.RuleAgreed || cb.Rule == desk.RuleSpread || cb.Basis != "" && strings.HasPrefix(cb.Basis, "cmd:") {
				continue
			}
			if days := cb.Due.DaysSince(desk.DateOf(spoke.In(env.Zone))); days > env.Settings.CycleDays && cb.Rule != desk.RuleNoAnswer && cb.Rule != desk.RuleLeftMessage {
				y.t.Errorf("%s is due %d days after %s (%s)", c.DisplayName(), days, spoke, cb.Rule)
			}
		}
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
}

// counted counts the litmus and the lights by brute force from the raw log, and holds the report against that.
func (y *played) counted(env desk.Env) {
	since, until := env.Today().AddDays(-60), env.Today()
	from, to := since.At(0, 0, env.Zone), until.AddDays(1).At(0, 0, env.Zone)
	want := map[string]float64{}
	y.countPreps(env, from, to, want)
	touchedThisMonth, green := map[string]bool{}, map[string]bool{}
	err := y.r.State.View(func(tx *store.Tx) error {
		all, err := tx.Contacts()
		if err != nil {
			return err
		}
		for _, c := range all {
			ts, err := tx.Touches(c)
			if err != nil {
				return err
			}
			if c.Has(desk.RoleCandidate) {
				countPromises(env, ts, since, until, want)
			}
			for i, x := range ts {
				if x.Time.In(env.Zone).Month() == env.Now.In(env.Zone).Month() && x.Time.In(env.Zone).Year() == env.Now.In(env.Zone).Year() && c.Has(desk.RoleDecisionMaker) {
					if x.Direction == desk.Out {
						touchedThisMonth[c.ID] = true
					}
					if x.Kind == desk.KindConversation {
						green[c.ID] = true
					}
				}
				if !c.Has(desk.RoleCandidate) || x.Kind != desk.KindReply || x.Time.Before(from) || !x.Time.Before(to) {
					continue
				}
				deadline := x.Time.In(env.Zone)
				for !env.Hours.Workday(desk.DateOf(deadline).UTC()) {
					deadline = deadline.AddDate(0, 0, 1)
				}
				deadline = deadline.AddDate(0, 0, 1)
				for !env.Hours.Workday(desk.DateOf(deadline).UTC()) {
					deadline = deadline.AddDate(0, 0, 1)
				}
				deadline = deadline.Truncate(time.Minute)
				state := "waiting"
				if env.Now.After(deadline) {
					state = "unanswered"
				}
				for _, z := range ts[i+1:] {
					if z.Kind == desk.KindConversation || z.Direction == desk.Out && z.Channel == desk.ChannelEmail && z.Thread == x.Thread {
						state = "in_time"
						if z.Time.After(deadline) {
							state = "late"
						}
						break
					}
				}
				want["answers_"+state]++
			}
		}
		orders, err := tx.Orders()
		for _, o := range orders { // a submittal makes green, too
			for _, s := range o.Submittals {
				if in := s.Time.In(env.Zone); in.Month() == env.Now.In(env.Zone).Month() && in.Year() == env.Now.In(env.Zone).Year() {
					green[o.Contact] = true
				}
			}
		}
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
	v, err := reports.MakeReport(y.r, reports.ReportRequest{Kind: "litmus", Now: y.now, Since: since.String(), Until: until.String()})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, f := range v.Figures {
		if f.Value != want[f.Name] {
			y.t.Errorf("%s: %s is %v, counted %v", y.now.Format(time.DateOnly), f.Name, f.Value, want[f.Name])
		}
	}
	for id := range green {
		delete(touchedThisMonth, id)
	}
	lights, err := reports.MakeReport(y.r, reports.ReportRequest{Kind: "lights", Now: y.now})
	if err != nil {
		y.t.Fatal(err)
	}
	board := map[string]int{"amber": len(touchedThisMonth), "green": len(green), "red": len(y.clients) - len(touchedThisMonth) - len(green), "grey": 0}
	for _, f := range lights.Figures {
		_, light, _ := strings.Cut(f.Name, "_")
		if f.Value != float64(board[light]) {
			y.t.Errorf("%s: %v %s, counted %d", y.now.Format(time.DateOnly), f.Value, light, board[light])
		}
	}
}

// countPromises counts a candidate's calls promised by going through the log once: what is pending is settled by the next try of ours, or another date.
func countPromises(env desk.Env, ts []desk.Touch, since, until desk.Date, want map[string]float64) {
	var pending []desk.Date
	settle := func(how func(due desk.Date) string) {
		for _, due := range pending {
			if !due.Before(since) && !due.After(until) {
				want["calls_"+how(due)]++
			}
		}
		pending = nil
	}
	for _, x := range ts {
		tried := x.Direction == desk.Out && (x.Channel == desk.ChannelCall || x.Channel == desk.ChannelVoicemail || x.Kind == desk.KindConversation)
		if tried || !x.Next.IsZero() {
			settle(func(due desk.Date) string {
				if desk.DateOf(x.Time.In(env.Zone)).After(due) {
					return "late"
				}
				return "kept"
			})
		}
		if !x.Next.IsZero() {
			pending = append(pending, x.Next.Date)
		}
	}
	settle(func(due desk.Date) string {
		if due.Before(env.Today()) {
			return "missed"
		}
		return "open"
	})
}

// countPreps counts the interviews that began, and those with letter and call in time.
func (y *played) countPreps(env desk.Env, from, to time.Time, want map[string]float64) {
	err := y.r.State.View(func(tx *store.Tx) error {
		all, err := tx.Interviews()
		if err != nil {
			return err
		}
		for i := range all {
			iv := &all[i]
			if iv.Start.Before(from) || !iv.Start.Before(to) || iv.Start.After(env.Now) || iv.Status == desk.InterviewCancelled {
				continue
			}
			c, err := tx.Contact(iv.Candidate)
			if err != nil {
				return err
			}
			letters, err := tx.LettersFor(desk.CauseInterview, iv.ID)
			if err != nil {
				return err
			}
			letter := slices.ContainsFunc(letters, func(o desk.Outgoing) bool {
				return strings.HasSuffix(o.Cause, desk.StepPrep) && o.Gone() && o.SentAt.Before(iv.Start)
			})
			ts, err := tx.Touches(c)
			if err != nil {
				return err
			}
			call := slices.ContainsFunc(ts, func(x desk.Touch) bool {
				return x.Kind == desk.KindConversation && x.Time.Before(iv.Start) && x.Time.After(iv.Start.AddDate(0, 0, -7)) && x.Time.After(iv.Confirmed.Add(-time.Minute))
			})
			switch {
			case !letter || !call:
				want["prep_missing"]++
			case iv.Kind == desk.KindPhone:
				want["prep_phone"]++
			default:
				want["prep_in_person"]++
			}
		}
		return nil
	})
	if err != nil {
		y.t.Fatal(err)
	}
}

// cared looks that the care of each placement is complete up to now: every step of the candidate's was taken in its time, and the client has a call for each day.
func (y *played) cared(env desk.Env) {
	count := 0
	err := y.r.State.View(func(tx *store.Tx) error {
		all, err := book.Placements(tx)
		if err != nil {
			return err
		}
		calls, err := tx.Calls()
		if err != nil {
			return err
		}
		seq := y.r.Current().Sequences["placement-care"]
		for i := range all {
			p := &all[i]
			count++
			c, err := tx.Contact(p.Candidate)
			if err != nil {
				return err
			}
			enrolled, err := tx.Enrolments(c.ID)
			if err != nil {
				return err
			}
			due, taken := 0, 0
			for _, s := range seq.Steps {
				if !p.Start.AddDays(*s.Day + 7).After(env.Today()) { // a week for free days and for those who can't be reached
					due++
				}
			}
			for _, e := range enrolled {
				if e.Sequence == "placement-care" && e.From == p.Start {
					if taken = e.Step; e.Under != "" {
						taken++
					}
				}
			}
			if taken < due {
				y.t.Errorf("%s: %s, who began on %s, had %d of %d steps of care", y.now.Format(time.DateOnly), c.DisplayName(), p.Start, taken, due)
			}
			asked := 0
			for j := range calls {
				for _, part := range append([]desk.CallPart{{Cause: calls[j].Cause}}, calls[j].Parts...) {
					if _, id, step := desk.ReadCause(part.Cause); id == p.ID && strings.HasPrefix(step, "client-") {
						asked++
						break
					}
				}
			}
			if want := len(p.ClientCare(env)); p.Client != "" && asked < want {
				y.t.Errorf("%s: the client of %s is called %d times, not %d", y.now.Format(time.DateOnly), c.DisplayName(), asked, want)
			}
		}
		return nil
	})
	if err != nil {
		y.t.Fatal(err)
	}
	y.t.Logf("%s: the care of %d placements is complete", y.now.Format(time.DateOnly), count)
}

// prepared looks that each interview of tomorrow has its prep letter, or a complaint.
func (y *played) prepared(env desk.Env) {
	err := y.r.State.View(func(tx *store.Tx) error {
		all, err := tx.Interviews()
		if err != nil {
			return err
		}
		for i := range all {
			iv := &all[i]
			if gap := iv.Start.Sub(env.Now); iv.Status != desk.InterviewStands || gap < 0 || gap > 24*time.Hour {
				continue
			}
			letters, err := tx.LettersFor(desk.CauseInterview, iv.ID)
			if err != nil {
				return err
			}
			has := false
			for j := range letters {
				if _, _, step := desk.ReadCause(letters[j].Cause); step == desk.StepPrep && (letters[j].Gone() || letters[j].State == desk.OutHeld) {
					has = true
				}
			}
			if !has {
				y.t.Errorf("%s: no prep letter, and no complaint, for the interview of %s", env.Now, iv.Start)
			}
		}
		return nil
	})
	if err != nil {
		y.t.Fatal(err)
	}
}

// TestYear plays a desk through the real daemon: a thorough recruiter and a lazy one, told apart by the reports. Two months of a small desk unless
// FIFTHCALL_YEAR=1, which plays a year of 300 clients and 1,500 candidates.
func TestYear(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	days, clients, people := 60, 20, 40
	if os.Getenv("FIFTHCALL_YEAR") == "1" {
		days, clients, people = 365, 300, 1500
	}
	seed := uint64(time.Now().UnixNano())
	begun := time.Now()
	t.Logf("seed %d", seed)
	conversations, answered := map[bool]float64{}, map[bool]float64{}
	for _, thorough := range []bool{true, false} {
		y := play(t, seed, thorough, clients, people)
		next := y.rng.IntN(20)
		for i := range days {
			y.day(time.Date(2026, 1, 6, 0, 0, 0, 0, y.r.Current().Zone).AddDate(0, 0, i))
			if i == next || i == days-1 {
				y.check()
				t.Logf("thorough %v: %s held, after %s", thorough, y.now.Format(time.DateOnly), time.Since(begun).Round(time.Second))
				next += 1 + y.rng.IntN(30)
			}
			if t.Failed() {
				t.FailNow()
			}
		}
		until := y.r.Env(y.now).Today().String()
		for kind, names := range map[string]map[string]map[bool]float64{"activity": {"conversations": conversations}, "litmus": {"answers_in_time": answered}} {
			v, err := reports.MakeReport(y.r, reports.ReportRequest{Kind: kind, Now: y.now, Since: "2026-01-06", Until: until})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range v.Figures {
				if into := names[f.Name]; into != nil {
					into[thorough] = f.Value
					if kind == "litmus" && f.Of > 0 {
						into[thorough] = f.Value / f.Of
					}
				}
			}
		}
	}
	t.Logf("conversations %v, answered in time %v", conversations, answered)
	if conversations[true] == 0 || answered[true] < 0.9 || answered[false] > 0.7 {
		t.Errorf("the reports don't tell the thorough from the lazy: conversations %v, answered %v", conversations, answered)
	}
}
